return {
  title = "Gemeinsamer Speicher, selbst gemacht",
}
