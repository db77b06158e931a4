"use client";
import { useEffect, useRef, useState } from "react";

interface HoldButtonProps {
  readonly label: string;
  readonly holding: string;
  readonly describedBy: string;
  readonly disabled: boolean;
  readonly onHeld: () => void;
}

const HOLD_MS = 2000;

/** Acts after being held for two seconds, by finger, mouse, Enter or Space. */
export function HoldButton({ label, holding, describedBy, disabled, onHeld }: HoldButtonProps) {
  const [begun, setBegun] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const stop = () => {
    clearTimeout(timer.current);
    setBegun(false);
  };
  const start = () => {
    if (disabled || begun) return;
    setBegun(true);
    timer.current = setTimeout(() => {
      setBegun(false);
      onHeld();
    }, HOLD_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <button
      type="button"
      disabled={disabled}
      aria-describedby={describedBy}
      className="relative min-h-14 w-full touch-none overflow-hidden rounded-sm bg-ink px-4 font-medium text-ink-inverse select-none disabled:opacity-55"
      onPointerDown={(event) => event.button === 0 && start()}
      onPointerUp={stop}
      onPointerLeave={stop}
      onPointerCancel={stop}
      onContextMenu={(event) => event.preventDefault()}
      onBlur={stop}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        if (!event.repeat) start();
      }}
      onKeyUp={stop}
    >
      <span aria-hidden className={`absolute inset-y-0 left-0 bg-muted ${begun ? "w-full" : "w-0"}`} style={{ transition: begun ? `width ${HOLD_MS}ms linear` : "none" }} />
      <span className="relative" aria-live="polite">{begun ? holding : label}</span>
    </button>
  );
}
