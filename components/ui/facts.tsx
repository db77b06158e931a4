import { Fragment, type ReactNode } from "react";

interface FactsProps {
  /** Term and value; entries with a null value are left out. */
  readonly items: readonly (readonly [term: ReactNode, value: ReactNode])[];
}

/** Terms and values: two columns from tablet on, stacked on a phone. */
export function Facts({ items }: FactsProps) {
  return (
    <dl className="grid gap-x-6 gap-y-3 text-sm md:grid-cols-[minmax(5rem,max-content)_1fr] md:gap-y-2">
      {items.map(([term, value], index) =>
        value == null ? null : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list is fixed per page
          <Fragment key={index}>
            <dt className="text-muted max-md:-mb-2.5">{term}</dt>
            <dd className="min-w-0">{value}</dd>
          </Fragment>
        ),
      )}
    </dl>
  );
}
