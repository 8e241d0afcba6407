export default function ServicePrincipals() {
  return null;
}
