import type { IconDefinition } from "@fortawesome/free-solid-svg-icons";
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { classes } from "./classes.ts";
import { Icon } from "./icon.tsx";
import { Link } from "./link.tsx";

export type ButtonLook = "primary" | "secondary" | "quiet" | "danger" | "danger-outline";

interface Shape {
  readonly look?: ButtonLook;
  /** `lg` = 48 px, for the one primary action of a page. */
  readonly size?: "md" | "lg";
  readonly icon?: IconDefinition;
  readonly wide?: boolean;
}

const LOOKS: Record<ButtonLook, string> = {
  primary: "bg-ink text-ink-inverse border-transparent hover:opacity-90",
  secondary: "bg-surface text-ink border-input-line hover:bg-sunken",
  quiet: "bg-transparent text-ink border-transparent hover:bg-sunken",
  danger: "bg-danger-fill text-danger-on-fill border-transparent hover:opacity-90",
  "danger-outline": "bg-surface text-danger-fg border-danger-strong hover:bg-danger-tint",
};

/** Classes of a button, for other elements that must look like one. */
export function buttonClasses({ look = "secondary", size = "md", wide = false }: Shape): string {
  return classes(
    "inline-flex select-none items-center justify-center gap-2 rounded-sm border px-4 font-medium no-underline transition-colors duration-150",
    "disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55",
    size === "lg" ? "min-h-12 text-base" : "min-h-11 text-base md:text-sm",
    wide && "w-full",
    LOOKS[look],
  );
}

/** A button; `type` is "button" unless said otherwise. */
export function Button({ look, size, icon, wide, className, children, ...rest }: Shape & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" {...rest} className={classes(buttonClasses({ ...pick({ look, size, wide }) }), className)}>
      {icon ? <Icon icon={icon} /> : null}
      {children}
    </button>
  );
}

interface ButtonLinkProps extends Shape {
  readonly href: string;
  readonly children: ReactNode;
  /** Leaves the app's router: downloads, API addresses. */
  readonly plain?: boolean;
  readonly className?: string;
}

/** A link that looks like a button. */
export function ButtonLink({ look, size, icon, wide, href, plain = false, className, children }: ButtonLinkProps) {
  const inside = (
    <>
      {icon ? <Icon icon={icon} /> : null}
      {children}
    </>
  );
  const shown = classes(buttonClasses({ ...pick({ look, size, wide }) }), className);
  return plain ? <a href={href} className={shown}>{inside}</a> : <Link href={href} className={shown}>{inside}</Link>;
}

function pick(shape: { look: ButtonLook | undefined; size: "md" | "lg" | undefined; wide: boolean | undefined }): Shape {
  return {
    ...(shape.look ? { look: shape.look } : {}),
    ...(shape.size ? { size: shape.size } : {}),
    ...(shape.wide ? { wide: true } : {}),
  };
}
