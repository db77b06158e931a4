import { draw, numbers, pick, point } from "./numbers.ts";

const NOMI = ["Giulia", "Marco", "Chiara", "Luca", "Nicolò", "Zoë", "Francesca", "Andrea", "Désirée", "Matteo", "Noëmi", "Giosuè", "Sara", "Stefano", "Ilenia", "Pietro"];
const COGNOMI = ["Rossi", "Ferrari", "D'Angelo", "Esposito", "Dell'Acqua", "Bianchi", "Müller", "Nicolosi", "De Santis", "Fabbri", "Cattaneo", "Lo Presti", "Sgrò", "Forlì", "Pagani", "Zanetti", "Òrrù"];
const CITTA = ["Milano", "Torino", "Forlì", "Cantù", "Napoli", "Bari", "L'Aquila", "Cefalù", "Bologna", "Verona", "Genova", "Palermo", "Reggio Calabria", "Cagliari", "Pordenone", "Trento"];
const PROVINCE = ["MI", "TO", "FC", "CO", "NA", "BA", "AQ", "PA", "BO", "VR", "GE", "PA", "RC", "CA", "PN", "TN"];
const VIE = ["Via Roma", "Corso Vittorio Emanuele II", "Viale dell'Industria", "Strada Provinciale 12", "Piazza San Nicolò", "Via Papa Giovanni XXIII", "Località Ca' Bianca"];
const NOTE = ["", "Suonare al citofono 🛎️", "Scarico solo al mattino", "Attenzione: accesso ZTL 🚫", "Fragile — maneggiare con cura 📦", "Chiedere del sig. D'Amico", "Rampa n° 4, portare «DDT» firmato", "Consegna al piano €€", "naïve façade 東京 🚚"];

/** One INSERT … SELECT per slice of a table; slices keep transactions small. */
export interface Fill {
  readonly table: string;
  readonly rows: number;
  /** Statement for rows first … first+count-1. */
  readonly sql: (first: number, count: number) => string;
}

/** Row counts for about `megabytes` of table data (data length plus indexes as InnoDB reports them). */
export function rowCounts(megabytes: number) {
  const scale = (at200: number, least: number) => Math.max(least, Math.round((at200 * megabytes) / 200));
  const viaggi = scale(16000, 40);
  return {
    depositi: 16, users: scale(3000, 60), sessioni: scale(30000, 50), clienti: scale(3000, 30), autisti: scale(400, 20), mezzi: scale(300, 20),
    prodotti: scale(6000, 60), giacenze: scale(24000, 100), tariffe: scale(3000, 30) * 2 + 4,
    viaggi, delivery: viaggi * 6, eventi: viaggi * 6 * 2, gps: scale(520000, 500), turni: scale(400, 20) * 90,
    fatture: scale(12000, 40), righe: scale(12000, 40) * 8, documenti: scale(2200, 10), audit: scale(60000, 100), importazioni: scale(4000, 20), storici: scale(10000, 20),
  };
}

/** Every table's filling in two lists that may run side by side (foreign keys are not checked while filling). */
export function fillings(megabytes: number): Fill[][] {
  const c = rowCounts(megabytes);
  const insert = (table: string, rows: number, columns: string, select: string): Fill => ({
    table, rows, sql: (first, count) => `INSERT INTO ${table} (${columns}) SELECT ${select} FROM ${numbers(first, count)}`,
  });
  const id = (salt: number, below: number) => `1 + ${draw("n", salt, below)}`;
  const day = (salt: number, span: number, from = "2026-07-01") => `DATE '${from}' + INTERVAL ${draw("n", salt, span)} DAY`;
  const trip = `TIMESTAMP '2026-07-01 05:00:00' + INTERVAL FLOOR(n * 120 / ${c.viaggi}) DAY + INTERVAL ${draw("n", 3, 240)} MINUTE`;

  const heavy = [
    insert("viaggi", c.viaggi, "id, codice, autista_id, mezzo_id, deposito_id, stato, partenza_prevista, partito_il, rientrato_il, km, costo, percorso, note, aggiornato_il",
      `n, CONCAT('V26-', LPAD(n, 8, '0')), ${id(1, c.autisti)}, ${id(2, c.mezzi)}, ${id(4, c.depositi)}, IF(n > ${c.viaggi} * 0.98, 'in corso', 'concluso'), ${trip},
       ${trip} + INTERVAL ${draw("n", 5, 900_000_000)} MICROSECOND, IF(n > ${c.viaggi} * 0.98, NULL, ${trip} + INTERVAL 3 HOUR + INTERVAL ${draw("n", 6, 300)} MINUTE),
       ${draw("n", 7, 6000)} / 10, ${draw("n", 8, 90000)} / 100,
       CONCAT('{"tappe": [', ${draw("n", 9, 900)}, ', ', ${draw("n", 10, 900)}, ', ', ${draw("n", 11, 900)}, '], "pedaggi": ', ${draw("n", 12, 4000)}, ', "via": "', ${pick("n", 13, CITTA)}, '"}'),
       NULLIF(${pick("n", 14, NOTE)}, ''), ${trip}`),
    insert("delivery", c.delivery, "id, viaggio_id, sequenza, cliente_id, prodotto_id, destinatario, indirizzo, destinazione, colli, peso_kg, contrassegno, stato, finestra_da, finestra_a, consegnata_il, esito, firma",
      `n, 1 + FLOOR((n - 1) / 6), 1 + (n - 1) % 6, ${id(20, c.clienti)}, ${id(21, c.prodotti)}, CONCAT(${pick("n", 22, NOMI)}, ' ', ${pick("n", 23, COGNOMI)}),
       CONCAT(${pick("n", 24, VIE)}, ', ', ${id(25, 240)}, ' — ', ${pick("n", 26, CITTA)}), ${point("n", 27)}, ${id(29, 40)}, 0.5 + ${draw("n", 30, 900000)} / 1000,
       IF(${draw("n", 31, 9)} = 0, ${draw("n", 32, 150000)} / 100, NULL), IF(n > ${c.delivery} * 0.98, 'in consegna', IF(${draw("n", 33, 30)} = 0, 'rifiutata', 'consegnata')),
       ${tripOf("n", c.viaggi)}, ${tripOf("n", c.viaggi)} + INTERVAL 4 HOUR, IF(n > ${c.delivery} * 0.98, NULL, ${tripOf("n", c.viaggi)} + INTERVAL ${draw("n", 34, 300)} MINUTE),
       IF(n > ${c.delivery} * 0.98, NULL, CONCAT('{"colli_ok": true, "voto": ', ${id(35, 5)}, ', "note": "', ${pick("n", 36, NOTE)}, '"}')), UNHEX(SHA2(n, 512))`),
    insert("documenti", c.documenti, "id, delivery_id, tipo, nome_file, mime, contenuto, impronta, caricato_il",
      `n, ${id(80, c.delivery)}, ELT(1 + n % 4, 'DDT', 'CMR', 'POD', 'foto'), CONCAT('bolla n° ', n, ' (è firmata).pdf'), 'application/pdf',
       CONCAT('%PDF-1.7\\n', ${blob("n")}, REPEAT(UNHEX(SHA2(CONCAT(n, 'z'), 512)), 32 + ${draw("n", 81, 160)})), UNHEX(SHA2(n, 256)), TIMESTAMP(${day(82, 120)}, '10:00:00.123456')`),
    insert("audit_app", c.audit, "id, quando, user_id, azione, oggetto, oggetto_id, prima, dopo",
      `n, TIMESTAMP '2026-07-01 00:00:00' + INTERVAL n * 150 SECOND + INTERVAL ${draw("n", 90, 1000000)} MICROSECOND, ${id(91, c.users)}, ELT(1 + n % 3, 'modifica', 'accesso', 'stampa'), ELT(1 + n % 2, 'delivery', 'viaggi'), ${id(92, c.viaggi)},
       CONCAT('{"stato": "', ELT(1 + n % 3, 'da consegnare', 'in consegna', 'pianificato'), '", "utente": "', ${pick("n", 93, NOMI)}, '"}'),
       CONCAT('{"stato": "', ELT(1 + n % 3, 'in consegna', 'consegnata', 'in corso'), '", "commento": "', ${pick("n", 94, NOTE)}, '", "versione": ', n % 50, '}')`),
    insert("righe_fattura", c.righe, "fattura_id, riga, delivery_id, descrizione, quantita, prezzo, sconto",
      `1 + FLOOR((n - 1) / 8), 1 + (n - 1) % 8, ${id(70, c.delivery)}, CONCAT('Trasporto ', ${pick("n", 71, CITTA)}, ' → ', ${pick("n", 72, CITTA)}, ' n° ', n), ${id(73, 40000)} / 1000, ${draw("n", 74, 9000000)} / 10000, IF(n % 5 = 0, 2.5, 0)`),
  ];
  const light = [
    insert("depositi", c.depositi, "id, codice, nome, citta, provincia, posizione, servizi",
      `n, CONCAT('DEP', LPAD(n, 3, '0')), CONCAT('Piattaforma ', ELT(n, ${list(CITTA)})), ELT(n, ${list(CITTA)}), ELT(n, ${list(PROVINCE)}), ${point("n", 15)}, ${draw("n", 17, 32)}`),
    insert("users", c.users, "id, email, nome, cognome, password_hash, ruolo, permessi, preferenze, deposito_id, creato_il, aggiornato_il",
      `n, CONCAT('utente', n, '@gestionelogistica.example'), ${pick("n", 40, NOMI)}, ${pick("n", 41, COGNOMI)}, CONCAT('$demo$', SHA2(CONCAT('u', n), 256)), 1 + ${draw("n", 42, 6)}, ${draw("n", 43, 32)},
       CONCAT('{"lingua": "', ELT(1 + n % 3, 'it', 'en', 'de'), '", "tema": "', ELT(1 + n % 2, 'chiaro', 'scuro'), '", "avvisi": [', n % 2, ', ', n % 7, ']}'), ${id(44, c.depositi)}, TIMESTAMP(${day(45, 900, "2024-01-01")}, '08:00:00.000001'), TIMESTAMP(${day(46, 120)}, '09:30:00')`),
    insert("user_sessions", c.sessioni, "id, user_id, token, ip, user_agent, stato, creata_il, scade_il, ultimo_accesso",
      `n, ${id(47, c.users)}, UNHEX(SHA2(CONCAT('s', n), 256)), INET6_ATON(CONCAT('10.', n % 250, '.', ${draw("n", 48, 250)}, '.7')), ELT(1 + n % 3, 'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0', 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/605.1', 'GestioneLogistica/4.2 (palmare; Android 15) 📱'),
       IF(n % 4 = 0, NULL, CONCAT('{"pagina": "/viaggi/', n, '", "filtri": {"stato": "in corso"}}')), TIMESTAMP(${day(49, 120)}, '07:00:00') + INTERVAL n % 40000 SECOND, TIMESTAMP(${day(49, 120)}, '07:00:00') + INTERVAL n % 40000 + 86400 SECOND, TIMESTAMP(${day(49, 120)}, '09:00:00')`),
    insert("clienti", c.clienti, "id, ragione_sociale, partita_iva, codice_sdi, indirizzo, cap, citta, provincia, contatti, fido, note, referente_id",
      `n, CONCAT(${pick("n", 50, COGNOMI)}, ' ', ELT(1 + n % 4, '& Figli S.r.l.', 'S.p.A.', 'Società Cooperativa', 'S.n.c. «Qualità»'), ' ', n), LPAD(n * 7, 11, '0'), CONCAT('M', LPAD(n, 6, '0')), CONCAT(${pick("n", 51, VIE)}, ', ', n % 200 + 1), LPAD(${draw("n", 52, 98000)}, 5, '0'),
       ELT(1 + n % 16, ${list(CITTA)}), ELT(1 + n % 16, ${list(PROVINCE)}), CONCAT('{"email": "fatture', n, '@cliente.example", "telefoni": ["+39 02 ', 1000000 + n, '"], "pec": null}'), ${draw("n", 53, 5000000)} / 100, ${pick("n", 54, NOTE)}, ${id(55, c.users)}`),
    insert("autisti", c.autisti, "id, user_id, codice_fiscale, patente, patente_scade, abilitazioni, capoturno_id, costo_orario, foto",
      `n, n, CONCAT('RSSMRA', LPAD(n, 10, '0')), 1 + n % 5, ${day(56, 1500, "2027-01-01")}, ${draw("n", 57, 16)}, IF(n % 10 = 0, NULL, 10 * (1 + FLOOR(n / 10)) * (10 * (1 + FLOOR(n / 10)) <= ${c.autisti}) + n * (10 * (1 + FLOOR(n / 10)) > ${c.autisti})), 18 + ${draw("n", 58, 900)} / 100, REPEAT(UNHEX(SHA2(n, 512)), 4)`),
    insert("mezzi", c.mezzi, "id, targa, tipo, marca, anno, portata_kg, volume_m3, dotazioni, deposito_id, revisione_scade",
      `n, CONCAT('GA', LPAD(n % 1000, 3, '0'), CHAR(65 + FLOOR(n / 1000) % 26 USING ascii), 'Z'), 1 + n % 4, ELT(1 + n % 4, 'Iveco', 'Scania', 'Citroën', 'Škoda'), 2012 + n % 14, 1000 + ${draw("n", 59, 25000)}, 8 + ${draw("n", 60, 8000)} / 100, n % 256, ${id(61, c.depositi)}, ${day(62, 700, "2026-12-01")}`),
    insert("prodotti", c.prodotti, "id, sku, descrizione, cliente_id, larghezza_cm, altezza_cm, profondita_cm, peso_kg, attributi",
      `n, CONCAT('SKU-', LPAD(n, 8, '0')), CONCAT(ELT(1 + n % 5, 'Caffè tostato', 'Piastrelle 60×60', 'Lavatrice', 'Vino «Nero d''Avola»', 'Vernice all''acqua'), ' ', n), ${id(63, c.clienti)}, ${id(64, 1200)} / 10, ${id(65, 1200)} / 10, ${id(66, 1200)} / 10, ${id(67, 90000)} / 1000,
       CONCAT('{"etichette": ["', ELT(1 + n % 4, 'fragile', 'freddo', 'adr', 'alimentare'), '", "', ELT(1 + n % 3, 'bancale', 'sfuso', 'collo singolo'), '"], "temperatura": ', n % 30 - 5, ', "attivo": true}')`),
    insert("giacenze", c.giacenze, "deposito_id, prodotto_id, scaffale, quantita, impegnata, contata_il",
      `1 + n % ${c.depositi}, 1 + FLOOR(n / ${c.depositi}) % ${c.prodotti}, CONCAT('S', FLOOR(n / ${c.depositi * c.prodotti})), 100 + ${draw("n", 68, 900)}, ${draw("n", 69, 100)}, IF(n % 3 = 0, NULL, ${day(75, 120)})`),
    insert("tariffe", c.tariffe, "id, cliente_id, zona, valida_dal, valida_al, euro_km, euro_quintale, minimo",
      `n, IF(n <= 4, NULL, 1 + FLOOR((n - 5) / 2)), 1 + (n - 1) % 4, '2026-01-01', IF(n % 5 = 0, '2026-12-31', NULL), ${id(76, 30000)} / 10000, ${id(77, 90000)} / 10000, ${id(78, 9000)} / 100`),
    insert("turni", c.turni, "autista_id, giorno, inizio, ore", `1 + FLOOR((n - 1) / 90), DATE '2026-08-01' + INTERVAL (n - 1) % 90 DAY, SEC_TO_TIME(18000 + ${draw("n", 79, 14400)}), 4 + ${draw("n", 83, 500)} / 100`),
    insert("fatture", c.fatture, "id, numero, anno, cliente_id, emessa_il, scadenza, imponibile, stato",
      `n, n, 2026, ${id(84, c.clienti)}, DATE '2026-01-01' + INTERVAL FLOOR(n * 300 / ${c.fatture}) DAY, DATE '2026-01-31' + INTERVAL FLOOR(n * 300 / ${c.fatture}) DAY, ${draw("n", 85, 900000)} / 100, 2 + n % 4`),
    insert("eventi_consegna", c.eventi, "id, delivery_id, tipo, accaduto_il, operatore_id, dettaglio",
      `n, 1 + FLOOR((n - 1) / 2), IF(n % 2 = 1, 'creata', 'consegnata'), ${tripOf("FLOOR((n + 1) / 2)", c.viaggi)} + INTERVAL ${draw("n", 86, 3600)} SECOND, ${id(87, c.users)}, ${pick("n", 88, NOTE)}`),
    insert("posizioni_gps", c.gps, "id, rilevata_il, mezzo_id, latitudine, longitudine, velocita_kmh, direzione",
      `n, TIMESTAMP '2026-07-01 04:00:00' + INTERVAL FLOOR(n * 10713600 / ${c.gps}) SECOND, 1 + n % ${c.mezzi}, 37 + ${draw("n", 95, 9000000)} / 1000000, 7 + ${draw("n", 96, 11000000)} / 1000000, ${draw("n", 97, 110000)} / 997e0, ${draw("n", 98, 360)}`),
    insert("importazioni_log", c.importazioni, "quando, file, riga",
      `TIMESTAMP '2026-07-01 03:00:00' + INTERVAL FLOOR(n / 3) MINUTE, CONCAT('EDI_', LPAD(FLOOR(n / 50), 6, '0'), '.txt'), IF(n % 10 = 0, 'riga vuota', CONCAT('DESADV;', n, ';', ${pick("n", 99, COGNOMI)}, ';"', ${pick("n", 100, NOTE)}, '"'))`),
    insert("gestionelogistica_archivio.viaggi_storici", c.storici, "id, anno, codice, deposito_id, km, costo", `n, 2019 + n % 6, CONCAT('S', LPAD(n, 9, '0')), ${id(101, c.depositi)}, ${draw("n", 102, 6000)} / 10, ${draw("n", 103, 90000)} / 100`),
    { table: "impostazioni", rows: 4, sql: () => `INSERT INTO impostazioni (chiave, valore, cambiata_il) VALUES
      ('azienda', 'Gestione Logistica S.r.l. — Forlì 🇮🇹', '2026-07-01 10:00:00'), ('piè di pagina', 'Capitale sociale € 50.000,00 i.v.\\nP.IVA 01234567890', '2026-07-01 10:00:00'),
      ('modello ''bolla''', '<h1 title="n° {{numero}}">C:\\\\modelli\\\\bolla</h1>', '2026-07-01 10:00:00'), ('vuota', '', '2026-07-01 10:00:00')` },
  ];
  return [heavy, light];
}

/** The planned instant of the trip that delivery number `n` belongs to. */
function tripOf(n: string, trips: number): string {
  return `(TIMESTAMP '2026-07-01 06:00:00' + INTERVAL FLOOR((${n}) * 20 / ${trips}) DAY)`;
}

/** About 8 kB that do not compress, then a part that does. */
function blob(n: string): string {
  const parts = Array.from({ length: 128 }, (_, i) => `UNHEX(SHA2(${n} * 128 + ${i}, 512))`);
  return parts.join(", ");
}

function list(texts: readonly string[]): string {
  return texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(", ");
}
