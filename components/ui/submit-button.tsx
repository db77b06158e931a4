"use client";
import { faRotate } from "@fortawesome/free-solid-svg-icons/faRotate";
import type { IconDefinition } from "@fortawesome/free-solid-svg-icons";
import type { ReactNode } from "react";
import { useFormStatus } from "react-dom";
import { Button, type ButtonLook } from "./button.tsx";
import { Icon } from "./icon.tsx";

interface SubmitButtonProps {
  readonly look?: ButtonLook;
  readonly size?: "md" | "lg";
  readonly wide?: boolean;
  readonly icon?: IconDefinition;
  /** Name and value sent with the form. */
  readonly name?: string;
  readonly value?: string;
  readonly disabled?: boolean;
  readonly children: ReactNode;
}

/** Sends the form it stands in; cannot be pressed twice. */
export function SubmitButton({ icon, disabled, children, look = "primary", ...rest }: SubmitButtonProps) {
  const { pending } = useFormStatus();
  return (
    <Button {...rest} look={look} type="submit" disabled={pending || (disabled ?? false)} aria-busy={pending}>
      {pending ? <Icon icon={faRotate} className="turning" /> : icon ? <Icon icon={icon} /> : null}
      {children}
    </Button>
  );
}
