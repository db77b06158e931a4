import { FORMAT_TAG, type Locale } from "../locale.ts";

const NBSP = "\u00a0";
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** `1.234.567,89`: grouped from the first thousand on, which Italian leaves out by default. */
export function formatNumber(value: number | bigint, locale: Locale, digits = 0): string {
  return new Intl.NumberFormat(FORMAT_TAG[locale], { useGrouping: "always", maximumFractionDigits: digits }).format(value);
}

/** Decimal units, three digits that count: `12,3 GB`; the space never breaks. */
export function formatBytes(bytes: number | bigint, locale: Locale): string {
  let value = Number(bytes);
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || Math.abs(value) >= 100 ? 0 : 1;
  return `${formatNumber(value, locale, digits)}${NBSP}${UNITS[unit]}`;
}

/** Share from 0 to 1 as `87,3%`. */
export function formatShare(share: number, locale: Locale): string {
  return new Intl.NumberFormat(FORMAT_TAG[locale], { style: "percent", maximumFractionDigits: share > 0 && share < 0.1 ? 1 : 0 }).format(share);
}
