import { entry } from "./entry.ts";

/** Runs that start by themselves. Instants in params are ISO-8601 UTC. */
export const SCHEDULE_FAULTS = {
  SCHEDULE_MISSED: entry(409, false,
    ["{count} fires of schedule {schedule} were missed, from {from} to {to}.", "The worker was not running on its host then, or did not have this schedule yet. The time to make up for it has passed or was used for a later fire.", "Run the backup now if the next one is too far away. Find out why the worker was down; a longer grace in the schedule makes up for longer outages."],
    ["Sono mancati {count} avvii della pianificazione {schedule}, dalle {from} alle {to}.", "In quel momento il worker non era in funzione sul suo host, o non aveva ancora questa pianificazione. Il tempo per recuperare è passato o è servito a un avvio successivo.", "Esegui ora il backup se il prossimo è troppo lontano. Cerca perché il worker era fermo; una tolleranza più lunga nella pianificazione recupera interruzioni più lunghe."]),
  SCHEDULE_LATE: entry(200, false,
    ["Schedule {schedule} was due at {at} and began {minutes} min later.", "The worker was not running on its host at that time; it made up for it within the grace of the schedule.", "Nothing for this backup. Find out why the worker was down."],
    ["La pianificazione {schedule} doveva partire alle {at} ed è partita {minutes} min dopo.", "In quel momento il worker non era in funzione sul suo host; ha recuperato entro la tolleranza della pianificazione.", "Niente per questo backup. Cerca perché il worker era fermo."]),
  SCHEDULE_OVERLAP: entry(409, true,
    ["Schedule {schedule} skipped its fire of {at}: run {run} on {server} had not ended.", "A second backup of the same kind beside it would only slow down both.", "Nothing if it was an exception. If it happens again, the backup takes longer than the schedule allows: fire less often."],
    ["La pianificazione {schedule} ha saltato l'avvio delle {at}: l'esecuzione {run} su {server} non era finita.", "Un secondo backup dello stesso tipo accanto rallenterebbe entrambi.", "Niente se è un'eccezione. Se si ripete, il backup dura più di quanto la pianificazione permetta: falla partire meno spesso."]),
} as const;
