-- Master data of the demo firm: people, vehicles, customers, depots, goods, prices.
-- Every file here loads with the plain client too: mysql --default-character-set=utf8mb4 < file.
-- Text between /*!80000 … */ is read by MySQL only, between /*M!100000 … */ by MariaDB only.
DELIMITER ;;

CREATE DATABASE gestionelogistica CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;;
USE gestionelogistica;;

CREATE TABLE depositi (
  id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  codice CHAR(6) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  nome VARCHAR(80) NOT NULL,
  citta VARCHAR(60) NOT NULL,
  provincia CHAR(2) NOT NULL,
  posizione POINT NOT NULL /*!80003 SRID 4326 */,
  apertura TIME NOT NULL DEFAULT '06:00:00',
  chiusura TIME NOT NULL DEFAULT '20:00:00',
  servizi SET('celle frigo','merci pericolose','dogana','cross-docking','lavaggio') NOT NULL DEFAULT '',
  PRIMARY KEY (id),
  UNIQUE KEY uq_depositi_codice (codice),
  SPATIAL KEY sx_depositi_posizione (posizione)
) ENGINE=InnoDB COMMENT='Depositi e piattaforme';;

CREATE TABLE users (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  email VARCHAR(190) NOT NULL,
  nome VARCHAR(60) NOT NULL,
  cognome VARCHAR(60) NOT NULL,
  nome_completo VARCHAR(121) GENERATED ALWAYS AS (CONCAT(nome, ' ', cognome)) STORED,
  password_hash VARBINARY(96) NOT NULL,
  ruolo ENUM('amministratore','pianificatore','magazziniere','autista','contabile','cliente') NOT NULL DEFAULT 'cliente',
  permessi SET('viaggi','consegne','fatture','anagrafiche','statistiche') NOT NULL DEFAULT '',
  preferenze JSON DEFAULT NULL,
  lingua VARCHAR(5) GENERATED ALWAYS AS (JSON_UNQUOTE(JSON_EXTRACT(preferenze, '$.lingua'))) VIRTUAL,
  deposito_id SMALLINT UNSIGNED DEFAULT NULL,
  attivo TINYINT(1) NOT NULL DEFAULT 1,
  creato_il DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  aggiornato_il TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_users_email (email),
  KEY ix_users_cognome (cognome, nome),
  CONSTRAINT fk_users_deposito FOREIGN KEY (deposito_id) REFERENCES depositi (id) ON DELETE SET NULL,
  CONSTRAINT ck_users_email CHECK (email LIKE '_%@_%._%')
) ENGINE=InnoDB COMMENT='Utenti del gestionale';;

CREATE TABLE user_sessions (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  user_id INT UNSIGNED NOT NULL,
  token BINARY(32) NOT NULL,
  ip VARBINARY(16) NOT NULL,
  user_agent VARCHAR(255) NOT NULL,
  stato JSON DEFAULT NULL,
  creata_il DATETIME(6) NOT NULL,
  scade_il DATETIME(6) NOT NULL,
  ultimo_accesso TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_user_sessions_token (token),
  KEY ix_user_sessions_scadenza (scade_il),
  CONSTRAINT fk_user_sessions_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT ck_user_sessions_durata CHECK (scade_il > creata_il)
) ENGINE=InnoDB COMMENT='Sessioni del portale';;

CREATE TABLE clienti (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  ragione_sociale VARCHAR(120) NOT NULL,
  partita_iva CHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  codice_sdi CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '0000000',
  indirizzo VARCHAR(160) NOT NULL,
  cap CHAR(5) NOT NULL,
  citta VARCHAR(60) NOT NULL,
  provincia CHAR(2) NOT NULL,
  contatti JSON NOT NULL,
  email_fatture VARCHAR(190) GENERATED ALWAYS AS (JSON_UNQUOTE(JSON_EXTRACT(contatti, '$.email'))) STORED,
  fido DECIMAL(12,2) NOT NULL DEFAULT 0.00,
  note TEXT,
  referente_id INT UNSIGNED DEFAULT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_clienti_piva (partita_iva),
  KEY ix_clienti_email (email_fatture),
  FULLTEXT KEY ft_clienti (ragione_sociale, note),
  CONSTRAINT fk_clienti_referente FOREIGN KEY (referente_id) REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT ck_clienti_piva CHECK (partita_iva REGEXP '^[0-9]{11}$'),
  CONSTRAINT ck_clienti_fido CHECK (fido >= 0)
) ENGINE=InnoDB;;

CREATE TABLE autisti (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  user_id INT UNSIGNED NOT NULL,
  codice_fiscale CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  patente ENUM('B','C','C1','CE','C1E') NOT NULL,
  patente_scade DATE NOT NULL,
  abilitazioni SET('ADR','CQC','muletto','gru') NOT NULL DEFAULT 'CQC',
  capoturno_id INT UNSIGNED DEFAULT NULL,
  costo_orario DECIMAL(6,2) NOT NULL,
  foto BLOB,
  PRIMARY KEY (id),
  UNIQUE KEY uq_autisti_cf (codice_fiscale),
  UNIQUE KEY uq_autisti_user (user_id),
  CONSTRAINT fk_autisti_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT fk_autisti_capoturno FOREIGN KEY (capoturno_id) REFERENCES autisti (id) ON DELETE SET NULL
) ENGINE=InnoDB COMMENT='Autisti; capoturno_id punta alla stessa tabella';;

CREATE TABLE mezzi (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  targa CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tipo ENUM('furgone','motrice','bilico','cella frigo') NOT NULL,
  marca VARCHAR(30) NOT NULL,
  anno YEAR NOT NULL,
  portata_kg MEDIUMINT UNSIGNED NOT NULL,
  volume_m3 DECIMAL(6,2) NOT NULL,
  dotazioni BIT(8) NOT NULL DEFAULT b'00000000',
  deposito_id SMALLINT UNSIGNED NOT NULL,
  revisione_scade DATE NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_mezzi_targa (targa),
  CONSTRAINT fk_mezzi_deposito FOREIGN KEY (deposito_id) REFERENCES depositi (id),
  CONSTRAINT ck_mezzi_targa CHECK (targa REGEXP '^[A-Z]{2}[0-9]{3}[A-Z]{2}$')
) ENGINE=InnoDB;;

CREATE TABLE prodotti (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  sku VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  descrizione VARCHAR(160) NOT NULL,
  cliente_id INT UNSIGNED NOT NULL,
  larghezza_cm DECIMAL(6,1) NOT NULL,
  altezza_cm DECIMAL(6,1) NOT NULL,
  profondita_cm DECIMAL(6,1) NOT NULL,
  volume_m3 DECIMAL(12,6) GENERATED ALWAYS AS (larghezza_cm * altezza_cm * profondita_cm / 1000000) VIRTUAL,
  peso_kg DECIMAL(8,3) NOT NULL,
  attributi JSON NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_prodotti_sku (sku),
  KEY ix_prodotti_volume (volume_m3)
  /*!80017 , KEY mv_prodotti_etichette ((CAST(attributi->'$.etichette' AS CHAR(24) ARRAY))) */,
  CONSTRAINT fk_prodotti_cliente FOREIGN KEY (cliente_id) REFERENCES clienti (id),
  CONSTRAINT ck_prodotti_peso CHECK (peso_kg > 0)
) ENGINE=InnoDB;;

CREATE TABLE giacenze (
  deposito_id SMALLINT UNSIGNED NOT NULL,
  prodotto_id INT UNSIGNED NOT NULL,
  scaffale VARCHAR(8) NOT NULL,
  quantita INT NOT NULL,
  impegnata INT NOT NULL DEFAULT 0,
  disponibile INT GENERATED ALWAYS AS (quantita - impegnata) VIRTUAL,
  contata_il DATE DEFAULT NULL,
  PRIMARY KEY (deposito_id, prodotto_id, scaffale),
  KEY ix_giacenze_prodotto (prodotto_id),
  CONSTRAINT fk_giacenze_deposito FOREIGN KEY (deposito_id) REFERENCES depositi (id),
  CONSTRAINT fk_giacenze_prodotto FOREIGN KEY (prodotto_id) REFERENCES prodotti (id) ON DELETE CASCADE,
  CONSTRAINT ck_giacenze CHECK (impegnata BETWEEN 0 AND quantita)
) ENGINE=InnoDB;;

CREATE TABLE tariffe (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  cliente_id INT UNSIGNED DEFAULT NULL,
  zona ENUM('locale','regionale','nazionale','isole') NOT NULL,
  valida_dal DATE NOT NULL,
  valida_al DATE DEFAULT NULL,
  euro_km DECIMAL(7,4) NOT NULL,
  euro_quintale DECIMAL(7,4) NOT NULL,
  minimo DECIMAL(8,2) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_tariffe (cliente_id, zona, valida_dal),
  CONSTRAINT fk_tariffe_cliente FOREIGN KEY (cliente_id) REFERENCES clienti (id) ON DELETE CASCADE,
  CONSTRAINT ck_tariffe_date CHECK (valida_al IS NULL OR valida_al >= valida_dal)
) ENGINE=InnoDB COMMENT='cliente_id nullo = listino base';;
