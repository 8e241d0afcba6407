import { Switch, TextArea, TextField } from '../../parts/field';
import { settingFaults, type Settings } from './chat';
import { usePlaygroundWords } from './words';

interface Props {
  settings: Settings;
  onChange: (settings: Settings) => void;
}

export function SettingsPanel({ settings, onChange }: Props) {
  const t = usePlaygroundWords();
  const faults = settingFaults(settings);
  const set = (change: Partial<Settings>) => onChange({ ...settings, ...change });
  return (
    <aside id="playground-settings" className="card playground-settings stack" aria-label={t('settings')}>
      <TextArea
        label={t('system')}
        rows={5}
        dir="auto"
        value={settings.system}
        onChange={(event) => set({ system: event.target.value })}
      />
      <TextField
        label={t('temperature')}
        hint={t('temperatureHint')}
        error={faults.includes('temperature') ? t('temperatureWrong') : undefined}
        inputMode="decimal"
        value={settings.temperature}
        onChange={(event) => set({ temperature: event.target.value })}
      />
      <TextField
        label={t('maxTokens')}
        hint={t('maxTokensHint')}
        error={faults.includes('maxTokens') ? t('maxTokensWrong') : undefined}
        inputMode="numeric"
        value={settings.maxTokens}
        onChange={(event) => set({ maxTokens: event.target.value })}
      />
      <TextArea
        label={t('stopSequences')}
        hint={t('stopHint')}
        rows={2}
        value={settings.stop}
        onChange={(event) => set({ stop: event.target.value })}
      />
      <Switch label={t('stream')} checked={settings.stream} onChange={(stream) => set({ stream })} />
    </aside>
  );
}
