-- Functions, procedures, triggers and events: loaded after the rows, so that the triggers do not fire on them.
DELIMITER ;;
USE gestionelogistica;;

CREATE FUNCTION distanza_km(lat1 DOUBLE, lon1 DOUBLE, lat2 DOUBLE, lon2 DOUBLE) RETURNS DOUBLE DETERMINISTIC NO SQL
COMMENT 'Ortodromia, raggio medio terrestre'
RETURN 6371.0088 * 2 * ASIN(SQRT(POW(SIN(RADIANS(lat2 - lat1) / 2), 2)
  + COS(RADIANS(lat1)) * COS(RADIANS(lat2)) * POW(SIN(RADIANS(lon2 - lon1) / 2), 2)));;

CREATE DEFINER='gl_definer'@'localhost' FUNCTION prezzo_consegna(p_cliente INT UNSIGNED, p_zona VARCHAR(20), p_km DECIMAL(7,1), p_kg DECIMAL(9,3))
RETURNS DECIMAL(10,2) READS SQL DATA
BEGIN
  DECLARE v_prezzo DECIMAL(10,2);
  -- The customer's own price list wins over the base list.
  SELECT GREATEST(minimo, euro_km * p_km + euro_quintale * p_kg / 100) INTO v_prezzo
  FROM tariffe WHERE (cliente_id = p_cliente OR cliente_id IS NULL) AND zona = p_zona
  ORDER BY cliente_id IS NULL, valida_dal DESC LIMIT 1;
  RETURN COALESCE(v_prezzo, 0.00);
END;;

CREATE PROCEDURE assegna_consegna(IN p_delivery INT UNSIGNED, IN p_viaggio INT UNSIGNED)
MODIFIES SQL DATA
BEGIN
  DECLARE v_prossima SMALLINT UNSIGNED;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  SELECT COALESCE(MAX(sequenza), 0) + 1 INTO v_prossima FROM delivery WHERE viaggio_id = p_viaggio FOR UPDATE;
  UPDATE delivery SET viaggio_id = p_viaggio, sequenza = v_prossima WHERE id = p_delivery;
  COMMIT;
END;;

CREATE PROCEDURE chiudi_viaggio(IN p_viaggio INT UNSIGNED, IN p_km DECIMAL(7,1))
MODIFIES SQL DATA SQL SECURITY INVOKER
COMMENT 'Chiude un viaggio; le consegne non fatte vanno in giacenza (è l''uso)'
BEGIN
  UPDATE viaggi SET stato = 'concluso', km = p_km, rientrato_il = GREATEST(partito_il, NOW(6)) WHERE id = p_viaggio AND stato = 'in corso';
  UPDATE delivery SET stato = 'giacenza' WHERE viaggio_id = p_viaggio AND stato IN ('da consegnare', 'in consegna');
END;;

CREATE PROCEDURE archivia_viaggi(IN p_anno SMALLINT)
MODIFIES SQL DATA
BEGIN
  INSERT IGNORE INTO gestionelogistica_archivio.viaggi_storici (id, anno, codice, deposito_id, km, costo)
  SELECT id, p_anno, codice, deposito_id, km, costo FROM gestionelogistica.viaggi
  WHERE stato = 'concluso' AND YEAR(partenza_prevista) = p_anno;
END;;

CREATE TRIGGER tr_delivery_inserita AFTER INSERT ON delivery FOR EACH ROW
  INSERT INTO eventi_consegna (delivery_id, tipo, dettaglio) VALUES (NEW.id, 'creata', CONCAT('viaggio ', NEW.viaggio_id));;

CREATE TRIGGER tr_delivery_stato AFTER UPDATE ON delivery FOR EACH ROW
BEGIN
  IF NEW.stato <> OLD.stato THEN
    INSERT INTO eventi_consegna (delivery_id, tipo, dettaglio)
    VALUES (NEW.id, CASE NEW.stato WHEN 'consegnata' THEN 'consegnata' WHEN 'rifiutata' THEN 'rifiutata' WHEN 'in consegna' THEN 'partita' ELSE 'rientrata' END,
            CONCAT(OLD.stato, ' → ', NEW.stato));
  END IF;
END;;

CREATE TRIGGER tr_delivery_traccia AFTER UPDATE ON delivery FOR EACH ROW FOLLOWS tr_delivery_stato
  INSERT INTO audit_app (quando, azione, oggetto, oggetto_id, prima, dopo)
  VALUES (NOW(6), 'modifica', 'delivery', NEW.id, JSON_OBJECT('stato', OLD.stato), JSON_OBJECT('stato', NEW.stato));;

CREATE TRIGGER tr_fatture_numero BEFORE INSERT ON fatture FOR EACH ROW
BEGIN
  IF NEW.numero = 0 THEN
    SET NEW.numero = (SELECT COALESCE(MAX(numero), 0) + 1 FROM fatture WHERE anno = NEW.anno);
  END IF;
END;;

CREATE EVENT ev_sessioni_scadute ON SCHEDULE EVERY 1 HOUR STARTS '2026-01-01 00:10:00' ON COMPLETION PRESERVE
COMMENT 'Toglie le sessioni scadute da 400 giorni'
DO DELETE FROM user_sessions WHERE scade_il < NOW() - INTERVAL 400 DAY LIMIT 1000;;

CREATE DEFINER='gl_definer'@'localhost' EVENT ev_archivio_annuale ON SCHEDULE EVERY 1 YEAR STARTS '2027-01-02 03:00:00' ON COMPLETION PRESERVE DISABLE
DO CALL gestionelogistica.archivia_viaggi(YEAR(CURRENT_DATE) - 2);;
