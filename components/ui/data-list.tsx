import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import { Link } from "./link.tsx";

export interface Column<Row> {
  readonly key: string;
  readonly header: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers stand right. */
  readonly align?: "right";
  /** Only from 1280 px on. */
  readonly wideOnly?: boolean;
}

interface DataListProps<Row> {
  /** Read out as the table's name. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** The same row as a card, for phones. */
  readonly card: (row: Row) => ReactNode;
  /** Where a tap on the card leads; the table's cells hold their own links. */
  readonly cardHref?: (row: Row) => string;
  /** Cards under headings (days); rows must come sorted by it. */
  readonly groupBy?: (row: Row) => string;
}

/** A table from 768 px on, cards below. The table scrolls inside its own box, never the page. */
export function DataList<Row>({ caption, columns, rows, rowKey, card, cardHref, groupBy }: DataListProps<Row>) {
  return (
    <>
      <div className="overflow-x-auto max-md:hidden" tabIndex={-1}>
        <table className="w-full border-collapse text-sm">
          <caption className="sr-only">{caption}</caption>
          <thead>
            <tr className="border-b border-line text-left text-muted">
              {columns.map((column) => (
                <th key={column.key} scope="col" className={classes("px-2.5 py-2 font-medium whitespace-nowrap first:pl-5 last:pr-5", cellClass(column))}>{column.header}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={rowKey(row)} className="border-b border-line last:border-0 hover:bg-sunken">
                {columns.map((column) => (
                  <td key={column.key} className={classes("px-2.5 py-2.5 align-middle first:pl-5 last:pr-5", cellClass(column))}>{column.cell(row)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul className="md:hidden" aria-label={caption}>
        {rows.map((row, index) => {
          const group = groupBy?.(row);
          const previous = rows[index - 1];
          const opens = group !== undefined && (previous === undefined || groupBy?.(previous) !== group);
          return (
            <li key={rowKey(row)} className="border-b border-line last:border-0">
              {opens ? <h3 className="sticky top-14 z-10 border-b border-line bg-sunken px-4 py-1.5 text-sm text-muted">{group}</h3> : null}
              {cardHref ? (
                <Link href={cardHref(row)} className="block px-4 py-3 no-underline active:bg-sunken">{card(row)}</Link>
              ) : (
                <div className="px-4 py-3">{card(row)}</div>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}

function cellClass(column: { align?: "right"; wideOnly?: boolean }): string {
  return classes(column.align === "right" && "text-right", column.wideOnly && "hidden xl:table-cell");
}
