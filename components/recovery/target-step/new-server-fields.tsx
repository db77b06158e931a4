import { useTranslations } from "next-intl";
import { TextField } from "../../ui/field.tsx";
import type { NewServer } from "./new-server.ts";

interface NewServerFieldsProps {
  readonly made: NewServer;
  readonly wrong: readonly (keyof NewServer)[];
  onChange(made: NewServer): void;
}

/** Name and port; where it lies and who runs it is the host's to say. */
export function NewServerFields({ made, wrong, onChange }: NewServerFieldsProps) {
  const t = useTranslations("recovery.target");
  const plain = { autoCapitalize: "none", autoCorrect: "off", spellCheck: false, className: "font-mono" } as const;
  return (
    <>
      <TextField id="instance-name" label={t("instanceName")} hint={t("instanceNameHint")} error={wrong.includes("name") ? t("nameWrong") : undefined} value={made.name} onChange={(event) => onChange({ ...made, name: event.target.value })} {...plain} />
      <TextField id="instance-port" label={t("instancePort")} inputMode="numeric" error={wrong.includes("port") ? t("portWrong") : undefined} value={made.port} onChange={(event) => onChange({ ...made, port: event.target.value })} {...plain} />
    </>
  );
}
