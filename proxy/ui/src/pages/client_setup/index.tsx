export default function ClientSetup() {
  return null;
}
