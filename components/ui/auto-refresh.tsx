"use client";
import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Reads the page anew every so often while it is seen, and at once when it is seen again. */
export function AutoRefresh({ seconds }: { readonly seconds: number }) {
  const router = useRouter();
  useEffect(() => {
    const again = () => {
      if (document.visibilityState === "visible") router.refresh();
    };
    const timer = setInterval(again, seconds * 1000);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [seconds, router]);
  return null;
}
