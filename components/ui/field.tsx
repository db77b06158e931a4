import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes, TextareaHTMLAttributes } from "react";
import { useId } from "react";
import { classes } from "./classes.ts";

interface Labelled {
  readonly label: ReactNode;
  /** Under the label: what is wanted, with an example. */
  readonly hint?: ReactNode;
  /** What is wrong; nothing typed is cleared. */
  readonly error?: string | undefined;
}

const BOX =
  "min-h-11 w-full rounded-sm border bg-surface px-3 text-base text-ink placeholder:text-muted md:text-sm disabled:opacity-60 [&[readonly]]:bg-sunken aria-invalid:border-danger-strong aria-invalid:border-2 border-input-line";

interface FrameProps extends Labelled {
  readonly id: string;
  readonly children: ReactNode;
}

/** Label, hint and error around any control; ids `<id>-hint` and `<id>-error` describe it. */
export function FieldFrame({ id, label, hint, error, children }: FrameProps) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">{label}</label>
      {hint != null ? <p id={`${id}-hint`} className="text-sm text-muted">{hint}</p> : null}
      {error ? <p id={`${id}-error`} className="text-sm font-medium text-danger-fg">✖ {error}</p> : null}
      {children}
    </div>
  );
}

function describedBy(id: string, { hint, error }: Pick<Labelled, "hint" | "error">): string | undefined {
  return [hint != null && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
}

/** One-line input. 16 px on phones so that they do not zoom in. */
export function TextField({ label, hint, error, className, ...rest }: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const made = useId();
  const id = rest.id ?? made;
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <input {...rest} id={id} aria-invalid={error ? true : undefined} aria-describedby={describedBy(id, { hint, error })} className={classes(BOX, className)} />
    </FieldFrame>
  );
}

/** Several lines. */
export function AreaField({ label, hint, error, className, ...rest }: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const made = useId();
  const id = rest.id ?? made;
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <textarea rows={4} {...rest} id={id} aria-invalid={error ? true : undefined} aria-describedby={describedBy(id, { hint, error })} className={classes(BOX, "py-2", className)} />
    </FieldFrame>
  );
}

interface SelectFieldProps extends Labelled, SelectHTMLAttributes<HTMLSelectElement> {
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

/** The platform's own list: best under a thumb, works without script. */
export function SelectField({ label, hint, error, options, className, ...rest }: SelectFieldProps) {
  const made = useId();
  const id = rest.id ?? made;
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <select {...rest} id={id} aria-invalid={error ? true : undefined} aria-describedby={describedBy(id, { hint, error })} className={classes(BOX, "text-ellipsis", className)}>
        {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
      </select>
    </FieldFrame>
  );
}

interface ChoiceProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "type"> {
  readonly type: "checkbox" | "radio";
  readonly label: ReactNode;
  readonly hint?: ReactNode;
}

/** Checkbox or radio as a whole row that can be tapped. */
export function Choice({ label, hint, className, ...rest }: ChoiceProps) {
  const id = useId();
  return (
    <label
      className={classes(
        "flex min-h-11 cursor-pointer items-start gap-3 rounded-sm border border-line bg-surface px-3 py-2.5 has-checked:border-ink has-checked:bg-sunken has-disabled:cursor-not-allowed has-disabled:opacity-60 has-focus-visible:outline-2 has-focus-visible:outline-ring",
        className,
      )}
    >
      <input {...rest} aria-describedby={hint != null ? id : undefined} className="mt-0.5 size-5 shrink-0 accent-(--ink)" />
      <span className="min-w-0">
        <span className="font-medium">{label}</span>
        {hint != null ? <span id={id} className="block text-sm text-muted">{hint}</span> : null}
      </span>
    </label>
  );
}

interface ErrorSummaryProps {
  readonly title: string;
  readonly errors: readonly { readonly fieldId: string; readonly text: string }[];
}

/** On top of a form that was refused: links to each field. */
export function ErrorSummary({ title, errors }: ErrorSummaryProps) {
  if (errors.length === 0) return null;
  return (
    <div role="alert" className="rounded-md border-2 border-danger-strong bg-surface p-4">
      <p className="font-semibold">{title}</p>
      <ul className="mt-1 list-disc pl-5">
        {errors.map((error) => (
          <li key={error.fieldId}><a href={`#${error.fieldId}`} className="text-danger-fg underline">{error.text}</a></li>
        ))}
      </ul>
    </div>
  );
}
