export default function EndpointForm(_props: { name?: string }) {
  return null;
}
