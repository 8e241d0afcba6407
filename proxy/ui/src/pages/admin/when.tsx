import { useLanguage } from '../../base/text';
import { fullTime, relativeTime } from '../../base/time';

/** "3 hours ago", with the whole time for who points at it and for machines. */
export function When({ ms, full = false }: { ms: number; full?: boolean }) {
  const { language } = useLanguage();
  return (
    <time dateTime={new Date(ms).toISOString()} title={full ? relativeTime(ms, language) : fullTime(ms, language)}>
      {full ? fullTime(ms, language) : relativeTime(ms, language)}
    </time>
  );
}
