export default function EndpointList() {
  return null;
}
