local lab = require "ipclab"
local KEY = lab.param("key", 5000, 5999)

return {
  title = "Gemeinsamer Speicher, selbst gemacht",
  intro = [[
Zwei Prozesse teilen keinen Speicher: Was der eine schreibt, sieht der andere nicht. Ein Segment gemeinsamen Speichers ist die Ausnahme. Der Kern hält es, jeder Prozess, der seinen Schlüssel kennt, kann es in seine eigenen Adressen einblenden lassen, und von da an lesen und schreiben beide dieselben Bytes, ohne jeden weiteren Systemaufruf.
Sie führen zwei wirkliche Prozesse, server und client. Eine Zeile sagt, wer handelt, und dann, was er tut, so wie es im C-Programm dieses Prozesses stünde. Jede Zeile darf jederzeit getippt werden; geprüft wird nur, was geschehen ist.]],

  create = {
    title = "Ein Segment",
    say = ("Der Server soll ein Segment mit dem Schlüssel %d anlegen, das a..z und das abschließende NUL fasst."):format(KEY),
    hints = {
      "shmget(2) nimmt einen Schlüssel, eine Größe in Bytes und Flags. 26 Buchstaben und ein NUL sind 27 Bytes.",
      "Ohne IPC_CREAT findet shmget nur, was schon da ist. Die Rechte werden zu den Flags geodert: IPC_CREAT|0666.",
    },
    other = "Der Server hat ein Segment angelegt, aber mit dem Schlüssel %d. Der Client sucht den Schlüssel %d.",
    early = "Der Client hat gesucht, bevor jemand das Segment angelegt hatte (ENOENT). Erst muss es jemand anlegen.",
    none = "Der Server hat noch kein Segment mit dem Schlüssel %d angelegt.",
    small = "%d Bytes fassen keine 26 Buchstaben und ein NUL. `undo` nimmt die Zeile zurück.",
  },
  attach = {
    title = "In den Speicher des Servers",
    say = "shmget hat dem Server eine Zahl gegeben, die Nummer des Segments, und noch keinen Speicher. Der Server soll das Segment einblenden und sich die Adresse merken.",
    hints = { "shmat(2) nimmt die Nummer und gibt die Adresse zurück, unter der der Prozess das Segment nun sieht." },
    none = "Der Server hat noch kein Segment eingeblendet.",
    other = "Der Server hat ein anderes Segment eingeblendet, nicht das mit dem Schlüssel %d.",
  },
  write = {
    title = "Der Server schreibt",
    say = "Der Server soll die Buchstaben a bis z als einen Text in das Segment schreiben.",
    hints = { "Einfaches C: strcpy(wohin, \"text\"). Um in eingeblendeten Speicher zu schreiben, braucht es keinen Systemaufruf." },
    none = "Die Buchstaben a bis z stehen noch nicht im Segment.",
  },
  find = {
    title = "Der Client findet es",
    say = "Nun der Client. Er teilt keine Variable mit dem Server: weder shmid noch shm bedeuten dort etwas. Er soll das Segment an seinem Schlüssel finden, es einblenden und ausgeben, was dort steht.",
    ask = "Wie viele Prozesse haben das Segment eingeblendet, sobald auch der Client es hat?",
    hints = { "Dieselben zwei Aufrufe wie im Server, mit demselben Schlüssel. Diesmal ist nichts anzulegen." },
    early = "Als der Client suchte, gab es noch kein Segment mit diesem Schlüssel.",
    none = "Der Client hat das Segment mit dem Schlüssel %d noch nicht eingeblendet.",
    unseen = "Der Client hat die Buchstaben noch nicht ausgegeben.",
  },
  wait = {
    title = "Der Server wartet",
    say = "Der Server soll warten, bis das erste Byte '*' ist, und dann soll der Client es dorthin schreiben. Im C-Programm heißt das: while (*shm != '*') sleep(1);",
    ask = "Der Client schreibt das '*'. Was weckt den Server?",
    choices = {
      "der Kern: Schreiben in gemeinsamen Speicher weckt alle, die darauf warten",
      "der Client: er muss ein Signal senden",
      "nichts: der Server sieht es, wenn er selbst wieder nachsieht",
    },
    hints = { "`await AUSDRUCK` ist diese Schleife: der Prozess sieht nach jedem Schritt von irgendwem wieder nach." },
    late = "Das '*' stand schon da, als der Server zu warten begann. Mit `undo` zurück, und erst wartet der Server.",
    none = "Der Server wartet noch nicht.",
    still = "Der Server wartet. Nun muss der Client das '*' schreiben.",
  },
  clean = {
    title = "Es bleibt",
    say = "Ein Segment gehört niemandem: Beenden sich beide Prozesse mit exit(0), steht es in `objects` noch da. Bevor sie gehen, muss einer von ihnen es entfernen.",
    hints = { "shmctl(2) mit IPC_RMID merkt das Segment zum Entfernen vor, sobald der letzte Prozess es ausgeblendet hat." },
    none = "Noch hat niemand das Segment entfernt. Ein toter Prozess kann es nicht mehr: `undo`.",
    alive = "Noch haben sich nicht beide Prozesse beendet.",
    there = "Das Segment ist noch da.",
  },
}
