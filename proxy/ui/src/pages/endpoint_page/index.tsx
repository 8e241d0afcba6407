export default function EndpointPage(_props: { name: string }) {
  return null;
}
