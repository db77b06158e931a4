-- Views: one on another, one in the archive schema that reaches into the main one, and one the other way round.
DELIMITER ;;
USE gestionelogistica;;

CREATE DEFINER='gl_definer'@'localhost' SQL SECURITY DEFINER VIEW v_consegne_aperte AS
  SELECT d.id, d.viaggio_id, v.codice, c.ragione_sociale, d.destinatario, d.stato, d.finestra_da, d.finestra_a
  FROM delivery d JOIN viaggi v ON v.id = d.viaggio_id JOIN clienti c ON c.id = d.cliente_id
  WHERE d.stato IN ('da consegnare', 'in consegna');;

CREATE DEFINER='gl_definer'@'localhost' SQL SECURITY DEFINER VIEW v_consegne_in_ritardo AS
  SELECT a.codice, a.ragione_sociale, COUNT(*) AS consegne, MIN(a.finestra_a) AS dalla
  FROM v_consegne_aperte a WHERE a.finestra_a < UTC_TIMESTAMP() GROUP BY a.codice, a.ragione_sociale;;

CREATE SQL SECURITY INVOKER VIEW v_fatturato_cliente AS
  SELECT c.id, c.ragione_sociale, f.anno, SUM(f.imponibile) AS imponibile, SUM(f.totale) AS totale
  FROM clienti c JOIN fatture f ON f.cliente_id = c.id AND f.stato <> 'stornata'
  GROUP BY c.id, c.ragione_sociale, f.anno;;

CREATE VIEW v_tariffe_base AS SELECT * FROM tariffe WHERE cliente_id IS NULL WITH CASCADED CHECK OPTION;;

CREATE VIEW gestionelogistica_archivio.v_viaggi_tutti AS
  SELECT id, codice, deposito_id, km, costo, 'archivio' AS origine FROM gestionelogistica_archivio.viaggi_storici
  UNION ALL
  SELECT id, codice, deposito_id, km, costo, 'esercizio' FROM gestionelogistica.viaggi;;

CREATE VIEW v_km_deposito AS
  SELECT d.codice, d.nome, t.origine, COUNT(*) AS viaggi, SUM(t.km) AS km
  FROM gestionelogistica_archivio.v_viaggi_tutti t JOIN depositi d ON d.id = t.deposito_id
  GROUP BY d.codice, d.nome, t.origine;;
