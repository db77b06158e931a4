-- Daily business: trips, deliveries, their events, vehicle positions.
DELIMITER ;;
USE gestionelogistica;;

CREATE TABLE viaggi (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  codice VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  autista_id INT UNSIGNED NOT NULL,
  mezzo_id INT UNSIGNED NOT NULL,
  deposito_id SMALLINT UNSIGNED NOT NULL,
  stato ENUM('pianificato','in corso','concluso','annullato') NOT NULL DEFAULT 'pianificato',
  partenza_prevista DATETIME NOT NULL,
  partito_il DATETIME(6) DEFAULT NULL,
  rientrato_il DATETIME(6) DEFAULT NULL,
  durata_minuti INT GENERATED ALWAYS AS (TIMESTAMPDIFF(MINUTE, partito_il, rientrato_il)) VIRTUAL,
  km DECIMAL(7,1) NOT NULL DEFAULT 0.0,
  costo DECIMAL(10,2) NOT NULL DEFAULT 0.00,
  percorso JSON DEFAULT NULL,
  note VARCHAR(500) DEFAULT NULL,
  aggiornato_il TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY uq_viaggi_codice (codice),
  KEY ix_viaggi_stato (stato, partenza_prevista),
  CONSTRAINT fk_viaggi_autista FOREIGN KEY (autista_id) REFERENCES autisti (id),
  CONSTRAINT fk_viaggi_mezzo FOREIGN KEY (mezzo_id) REFERENCES mezzi (id),
  CONSTRAINT fk_viaggi_deposito FOREIGN KEY (deposito_id) REFERENCES depositi (id),
  CONSTRAINT ck_viaggi_rientro CHECK (rientrato_il IS NULL OR partito_il IS NOT NULL AND rientrato_il >= partito_il)
) ENGINE=InnoDB;;

CREATE TABLE delivery (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  viaggio_id INT UNSIGNED NOT NULL,
  sequenza SMALLINT UNSIGNED NOT NULL,
  cliente_id INT UNSIGNED NOT NULL,
  prodotto_id INT UNSIGNED NOT NULL,
  destinatario VARCHAR(120) NOT NULL,
  indirizzo VARCHAR(200) NOT NULL,
  destinazione POINT NOT NULL /*!80003 SRID 4326 */,
  colli SMALLINT UNSIGNED NOT NULL,
  peso_kg DECIMAL(9,3) NOT NULL,
  contrassegno DECIMAL(10,2) DEFAULT NULL,
  stato ENUM('da consegnare','in consegna','consegnata','rifiutata','giacenza') NOT NULL DEFAULT 'da consegnare',
  finestra_da DATETIME NOT NULL,
  finestra_a DATETIME NOT NULL,
  consegnata_il DATETIME(6) DEFAULT NULL,
  in_ritardo TINYINT(1) GENERATED ALWAYS AS (IF(consegnata_il > finestra_a, 1, 0)) STORED,
  esito JSON DEFAULT NULL,
  firma VARBINARY(512) DEFAULT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_delivery_sequenza (viaggio_id, sequenza),
  KEY ix_delivery_stato (stato, finestra_da),
  KEY ix_delivery_ritardo (in_ritardo, cliente_id),
  CONSTRAINT fk_delivery_viaggio FOREIGN KEY (viaggio_id) REFERENCES viaggi (id) ON DELETE CASCADE,
  CONSTRAINT fk_delivery_cliente FOREIGN KEY (cliente_id) REFERENCES clienti (id),
  CONSTRAINT fk_delivery_prodotto FOREIGN KEY (prodotto_id) REFERENCES prodotti (id),
  CONSTRAINT ck_delivery_finestra CHECK (finestra_a > finestra_da),
  CONSTRAINT ck_delivery_colli CHECK (colli > 0 AND peso_kg > 0)
) ENGINE=InnoDB COMMENT='Consegne di un viaggio';;

CREATE TABLE eventi_consegna (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  delivery_id INT UNSIGNED NOT NULL,
  tipo ENUM('creata','caricata','partita','tentata','consegnata','rifiutata','rientrata') NOT NULL,
  accaduto_il TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  operatore_id INT UNSIGNED DEFAULT NULL,
  dettaglio VARCHAR(255) NOT NULL DEFAULT '',
  PRIMARY KEY (id),
  KEY ix_eventi_delivery (delivery_id, accaduto_il),
  CONSTRAINT fk_eventi_delivery FOREIGN KEY (delivery_id) REFERENCES delivery (id) ON DELETE CASCADE,
  CONSTRAINT fk_eventi_operatore FOREIGN KEY (operatore_id) REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB;;

CREATE TABLE posizioni_gps (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  rilevata_il DATETIME(3) NOT NULL,
  mezzo_id INT UNSIGNED NOT NULL,
  latitudine DECIMAL(9,6) NOT NULL,
  longitudine DECIMAL(9,6) NOT NULL,
  velocita_kmh DOUBLE NOT NULL,
  direzione SMALLINT UNSIGNED NOT NULL,
  PRIMARY KEY (id, rilevata_il),
  KEY ix_gps_mezzo (mezzo_id, rilevata_il)
) ENGINE=InnoDB COMMENT='Tracciato dei mezzi, un mese per partizione'
PARTITION BY RANGE (TO_DAYS(rilevata_il)) (
  PARTITION p2026_07 VALUES LESS THAN (TO_DAYS('2026-08-01')),
  PARTITION p2026_08 VALUES LESS THAN (TO_DAYS('2026-09-01')),
  PARTITION p2026_09 VALUES LESS THAN (TO_DAYS('2026-10-01')),
  PARTITION p2026_10 VALUES LESS THAN (TO_DAYS('2026-11-01')),
  PARTITION p_oltre VALUES LESS THAN MAXVALUE
);;

CREATE TABLE turni (
  autista_id INT UNSIGNED NOT NULL,
  giorno DATE NOT NULL,
  inizio TIME NOT NULL,
  ore DECIMAL(4,2) NOT NULL,
  PRIMARY KEY (autista_id, giorno),
  CONSTRAINT fk_turni_autista FOREIGN KEY (autista_id) REFERENCES autisti (id) ON DELETE CASCADE
) ENGINE=InnoDB;;
