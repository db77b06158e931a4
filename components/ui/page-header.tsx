import type { ReactNode } from "react";

interface PageHeaderProps {
  readonly title: ReactNode;
  readonly lead?: ReactNode;
  /** Above the title: way back. */
  readonly before?: ReactNode;
  readonly actions?: ReactNode;
}

/** Title of a page with its actions; they wrap under the title on a phone. */
export function PageHeader({ title, lead, before, actions }: PageHeaderProps) {
  return (
    <header className="mb-4 flex flex-wrap items-end justify-between gap-x-6 gap-y-3 md:mb-6">
      <div className="min-w-0">
        {before}
        <h1 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xl">{title}</h1>
        {lead != null ? <p className="mt-1 max-w-prose text-pretty text-muted">{lead}</p> : null}
      </div>
      {actions != null ? <div className="flex flex-wrap items-start gap-2">{actions}</div> : null}
    </header>
  );
}
