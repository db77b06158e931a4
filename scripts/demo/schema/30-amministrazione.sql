-- Money, papers, the application's own trail, and the small archive schema.
DELIMITER ;;
USE gestionelogistica;;

CREATE TABLE fatture (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  numero INT UNSIGNED NOT NULL,
  anno YEAR NOT NULL,
  cliente_id INT UNSIGNED NOT NULL,
  emessa_il DATE NOT NULL,
  scadenza DATE NOT NULL,
  imponibile DECIMAL(12,2) NOT NULL,
  aliquota_iva DECIMAL(4,2) NOT NULL DEFAULT 22.00,
  iva DECIMAL(12,2) GENERATED ALWAYS AS (ROUND(imponibile * aliquota_iva / 100, 2)) STORED,
  totale DECIMAL(13,2) GENERATED ALWAYS AS (imponibile + ROUND(imponibile * aliquota_iva / 100, 2)) VIRTUAL,
  stato ENUM('bozza','emessa','inviata','pagata','stornata') NOT NULL DEFAULT 'bozza',
  PRIMARY KEY (id),
  UNIQUE KEY uq_fatture_numero (anno, numero),
  KEY ix_fatture_scadenza (stato, scadenza),
  CONSTRAINT fk_fatture_cliente FOREIGN KEY (cliente_id) REFERENCES clienti (id),
  CONSTRAINT ck_fatture_scadenza CHECK (scadenza >= emessa_il)
) ENGINE=InnoDB;;

CREATE TABLE righe_fattura (
  fattura_id INT UNSIGNED NOT NULL,
  riga SMALLINT UNSIGNED NOT NULL,
  delivery_id INT UNSIGNED DEFAULT NULL,
  descrizione VARCHAR(200) NOT NULL,
  quantita DECIMAL(10,3) NOT NULL,
  prezzo DECIMAL(10,4) NOT NULL,
  sconto DECIMAL(5,2) NOT NULL DEFAULT 0.00,
  importo DECIMAL(12,2) GENERATED ALWAYS AS (ROUND(quantita * prezzo * (100 - sconto) / 100, 2)) STORED,
  PRIMARY KEY (fattura_id, riga),
  KEY ix_righe_delivery (delivery_id),
  CONSTRAINT fk_righe_fattura FOREIGN KEY (fattura_id) REFERENCES fatture (id) ON DELETE CASCADE,
  CONSTRAINT fk_righe_delivery FOREIGN KEY (delivery_id) REFERENCES delivery (id) ON DELETE SET NULL,
  CONSTRAINT ck_righe_sconto CHECK (sconto BETWEEN 0 AND 100)
) ENGINE=InnoDB;;

CREATE TABLE documenti (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  delivery_id INT UNSIGNED NOT NULL,
  tipo ENUM('DDT','CMR','POD','foto') NOT NULL,
  nome_file VARCHAR(160) NOT NULL,
  mime VARCHAR(60) CHARACTER SET ascii NOT NULL,
  contenuto MEDIUMBLOB NOT NULL,
  impronta BINARY(32) NOT NULL,
  caricato_il DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_documenti_delivery (delivery_id, tipo),
  CONSTRAINT fk_documenti_delivery FOREIGN KEY (delivery_id) REFERENCES delivery (id) ON DELETE CASCADE
) ENGINE=InnoDB COMMENT='Scansioni di bolle e prove di consegna';;

CREATE TABLE audit_app (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  quando DATETIME(6) NOT NULL,
  user_id INT UNSIGNED DEFAULT NULL,
  azione VARCHAR(40) NOT NULL,
  oggetto VARCHAR(40) NOT NULL,
  oggetto_id BIGINT UNSIGNED NOT NULL,
  prima JSON DEFAULT NULL,
  dopo JSON DEFAULT NULL,
  PRIMARY KEY (id),
  KEY ix_audit_oggetto (oggetto, oggetto_id),
  KEY ix_audit_quando (quando)
) ENGINE=InnoDB;;

CREATE TABLE impostazioni (
  chiave VARCHAR(60) NOT NULL,
  valore TEXT NOT NULL,
  cambiata_il TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (chiave)
) ENGINE=InnoDB;;

-- No primary key on purpose: such tables exist at every customer.
CREATE TABLE importazioni_log (
  quando DATETIME NOT NULL,
  file VARCHAR(200) NOT NULL,
  riga TEXT NOT NULL
) ENGINE=InnoDB COMMENT='Righe scartate dalle importazioni EDI';;

CREATE DATABASE gestionelogistica_archivio CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;;

CREATE TABLE gestionelogistica_archivio.viaggi_storici (
  id INT UNSIGNED NOT NULL,
  anno YEAR NOT NULL,
  codice VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  deposito_id SMALLINT UNSIGNED NOT NULL,
  km DECIMAL(7,1) NOT NULL,
  costo DECIMAL(10,2) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_storici_anno (anno),
  CONSTRAINT fk_storici_deposito FOREIGN KEY (deposito_id) REFERENCES gestionelogistica.depositi (id)
) ENGINE=InnoDB;;
