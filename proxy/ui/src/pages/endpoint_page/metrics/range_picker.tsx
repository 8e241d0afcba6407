import { Button } from '../../../parts/button';
import { useMetricsText } from './words';
import './metrics.css';

interface Props<Choice extends string> {
  choices: readonly Choice[];
  chosen: Choice;
  onChoose: (choice: Choice) => void;
}

export function RangePicker<Choice extends Parameters<ReturnType<typeof useMetricsText>>[0]>({
  choices,
  chosen,
  onChoose,
}: Props<Choice>) {
  const t = useMetricsText();
  return (
    <div className="metrics-ranges" role="group" aria-label={t('range')}>
      {choices.map((each) => (
        <Button key={each} look="quiet" aria-pressed={each === chosen} onClick={() => onChoose(each)}>
          {t(each)}
        </Button>
      ))}
    </div>
  );
}
