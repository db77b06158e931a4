/** Choices of former steps that travel with the form. */
export function HiddenValues({ values }: { readonly values: readonly (readonly [string, string])[] }) {
  return values.map(([name, value]) => <input key={`${name} ${value}`} type="hidden" name={name} value={value} />);
}
