import { type PointerEvent, type RefCallback, useRef } from "react";

interface Gestures {
  /** @param share of the width, from the left */
  readonly onTap: (share: number) => void;
  /** @param share of the width by which the view goes to the right */
  readonly onPan: (share: number) => void;
  /** @param factor of the new width to the old one @param share where it stays */
  readonly onZoom: (factor: number, share: number) => void;
}

/** A finger that moved less than this was a tap, pixels. */
const SLACK = 6;

interface GestureProps {
  readonly ref: RefCallback<HTMLDivElement>;
  readonly onPointerDown: (event: PointerEvent<HTMLDivElement>) => void;
  readonly onPointerMove: (event: PointerEvent<HTMLDivElement>) => void;
  readonly onPointerUp: (event: PointerEvent<HTMLDivElement>) => void;
  readonly onPointerCancel: (event: PointerEvent<HTMLDivElement>) => void;
}

/** Tap chooses, drag moves, two fingers or Ctrl with the wheel zoom. Vertical moves stay the page's. */
export function useGestures(gestures: Gestures): GestureProps {
  const latest = useRef(gestures);
  latest.current = gestures;
  const down = useRef(new Map<number, { x: number; began: number }>());
  const moved = useRef(false);
  // React listens to the wheel passively: it could not keep the page from zooming.
  const ref = useRef<RefCallback<HTMLDivElement>>((element) => {
    if (!element) return;
    const wheel = (event: WheelEvent) => {
      const { left, width } = element.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey) latest.current.onZoom(Math.exp(event.deltaY / 200), (event.clientX - left) / width);
      else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) latest.current.onPan(event.deltaX / width);
      else return;
      event.preventDefault();
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  });
  const end = (event: PointerEvent<HTMLDivElement>) => {
    const known = down.current.delete(event.pointerId);
    if (down.current.size === 0) {
      const { left, width } = event.currentTarget.getBoundingClientRect();
      if (known && !moved.current && event.type === "pointerup") latest.current.onTap((event.clientX - left) / width);
      moved.current = false;
    }
  };
  return {
    ref: ref.current,
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      down.current.set(event.pointerId, { x: event.clientX, began: event.clientX });
      event.currentTarget.setPointerCapture(event.pointerId);
      if (down.current.size > 1) moved.current = true;
    },
    onPointerMove: (event) => {
      const one = down.current.get(event.pointerId);
      if (!one) return;
      const { left, width } = event.currentTarget.getBoundingClientRect();
      const [other] = [...down.current].flatMap(([id, finger]) => (id === event.pointerId ? [] : [finger]));
      if (other) {
        const [before, after] = [Math.abs(one.x - other.x), Math.abs(event.clientX - other.x)];
        if (before > SLACK && after > SLACK) latest.current.onZoom(before / after, ((event.clientX + other.x) / 2 - left) / width);
      } else if (moved.current || Math.abs(event.clientX - one.began) > SLACK) {
        moved.current = true;
        latest.current.onPan((one.x - event.clientX) / width);
      } else return;
      one.x = event.clientX;
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}
