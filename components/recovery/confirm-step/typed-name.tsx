import { TextField } from "../../ui/field.tsx";

interface TypedNameProps {
  readonly label: string;
  readonly hint: string;
  /** Shown as its fault; undefined: nothing is wrong, or not told yet. */
  readonly wrong: string | undefined;
  readonly value: string;
  readonly onType: (text: string) => void;
}

/** Where the name of what changes is typed, letter by letter: no device corrects or completes it. */
export function TypedName({ label, hint, wrong, value, onType }: TypedNameProps) {
  return (
    <div className="mt-4">
      <TextField
        id="typed-name"
        label={label}
        hint={hint}
        error={wrong}
        value={value}
        onChange={(event) => onType(event.target.value)}
        autoCapitalize="none"
        autoCorrect="off"
        autoComplete="off"
        spellCheck={false}
        className="font-mono"
      />
    </div>
  );
}
