local lab = require "ipclab"
local SIG = lab.param("signal", { "SIGUSR1", "SIGUSR2" })

return {
  title = "Signale: Voreinstellung, Handler, ignoriert, SIGKILL",
  intro = ([[
Ein Signal ist eine kleine Zahl, die ein Prozess einem anderen schickt: "Es ist etwas geschehen." Daten gehen nicht mit. Der Empfänger hat nicht darum gebeten und kann an jeder Stelle seines Programms sein, wenn es kommt.
Was dann geschieht, bestimmt der Empfänger, für jedes Signal und im Voraus: die Voreinstellung (bei den meisten: sterben), eine eigene Funktion (ein Handler) oder gar nichts (ignorieren).
Sie führen parent und die Kinder, die er bekommt, und senden %s, das keine eigene Bedeutung hat: Programme dürfen es verwenden, wie sie wollen.]]):format(SIG),
  outro = [[
Dasselbe kill(2) hatte vier Wirkungen: Es hat getötet, es wurde abgefangen, es wurde weggeworfen, und es war nicht abzufangen. Der Absender hat nichts anders gemacht. Lesen Sie signal(7), "Signal dispositions", mit dem vor Augen, was Sie gesehen haben.]],

  default = {
    title = "Niemand ist vorbereitet",
    say = ("parent soll einen Prozess namens child abspalten (fork). child soll mit pause() auf ein Signal warten, und parent soll ihm mit kill(2) %s schicken. Sehen Sie sich die Zeile des Signals an: Sie sagt, welche Aktion ausgeführt wurde."):format(SIG),
    ask = ("child hat von %s noch nie gehört. Was bewirkt das Signal bei ihm?"):format(SIG),
    choices = {
      "nichts: ein Signal, das niemand erwartet, wird weggeworfen",
      "pause() kehrt zurück, und child läuft weiter",
      "child stirbt",
    },
    hints = { "fork(2) nimmt hier den Namen des Kindes: parent fork(child). Der Name eines Akteurs steht für seine PID, wo immer eine PID verlangt ist." },
    none = "Es gibt noch kein Kind.",
    handler = "child hatte einen Handler. In dieser Aufgabe soll es unvorbereitet sein: `undo` für die Zeile, die ihn gesetzt hat.",
    ignored = "child ignoriert das Signal. In dieser Aufgabe soll es unvorbereitet sein: `undo` für die Zeile, die das sagt.",
    waits = "child wartet. Niemand hat ihm etwas geschickt.",
    lives = "child lebt noch.",
    other = "child wurde von %s getötet. Schicken Sie ihm %s.",
    idle = "Das Signal kam, bevor child pause() aufgerufen hatte. `undo`, und erst soll es warten.",
  },
  status = {
    title = "Was parent erfährt",
    say = "child ist tot, aber `ps` zeigt es noch, als Zombie: Der Kern hebt auf, wie es geendet hat, bis sein Elternprozess danach fragt. parent soll mit wait(2) fragen; sehen Sie sich status an.",
    none = "parent hatte kein Kind, auf das er warten könnte (ECHILD).",
    unasked = "parent hat noch nicht gefragt.",
  },
  handler = {
    title = "Ein Handler",
    say = ("Ein zweites Kind, es heißt careful: parent soll es abspalten, es soll mit signal(2) einen Handler für %s setzen, dann pause() aufrufen, und dann schicken Sie ihm das Signal. Der Name `handler` steht für eine Funktion, die aufschreibt, was sie gesehen hat."):format(SIG),
    none = "Es gibt noch keinen Prozess careful.",
    dead = "Das Signal kam, als careful noch keinen Handler dafür hatte, und hat es getötet. `undo`, und zuerst den Handler setzen.",
    unsent = "Der Handler ist gesetzt. Er läuft, wenn das Signal kommt, und es ist keins gekommen.",
    unset = "careful hat noch keinen Handler für %s.",
    idle = "Der Handler ist gelaufen, hat aber nichts unterbrochen: careful soll pause() aufrufen, dann schicken Sie das Signal noch einmal.",
  },
  early = {
    title = "Ein Signal, das zu früh kommt",
    say = ("pause() wartet auf das nächste Signal, nicht auf eines, das schon da war. Schicken Sie careful noch einmal %s, während es nicht wartet, und erst dann soll es pause() aufrufen."):format(SIG),
    ask = "Der Handler läuft. Was tut pause() danach?",
    choices = { "es kehrt sofort zurück: ein Signal ist gekommen", "es wartet" },
    unsent = "Seit der letzten Aufgabe ist kein Signal zu careful gekommen.",
    waiting = "Das Signal hat ein pause() beendet. Schicken Sie das nächste, wenn careful auf nichts wartet.",
    idle = "Der Handler ist gelaufen. Nun soll careful pause() aufrufen.",
  },
  ignored = {
    title = "Taub",
    say = ("Zwischen dem Prüfen und dem pause() kann ein Signal so verloren gehen: Dafür gibt es sigsuspend(2). `interrupt careful` weckt es jetzt. Dann soll careful %s ignorieren; schicken Sie es, und sehen Sie sich an, was die Zeile sagt."):format(SIG),
    hints = { "Das zweite Argument von signal(2) ist ein Handler, SIG_DFL oder SIG_IGN." },
    unsent = "careful ignoriert das Signal nun. Schicken Sie es.",
    waits = "careful wartet noch in pause() und kann solange nichts anderes aufrufen. `interrupt careful`.",
    hears = "careful ignoriert das Signal noch nicht.",
  },
  kill = {
    title = "Das eine, das niemand abfangen kann",
    say = "careful soll versuchen, SIGKILL zu ignorieren oder einen Handler dafür zu setzen. Dann schicken Sie ihm SIGKILL.",
    ask = "Was gibt signal(SIGKILL, SIG_IGN) zurück?",
    choices = { "0, die Aktion, die vorher galt", "-1, und errno ist EINVAL", "-1, und errno ist EPERM" },
    untried = "careful hat noch nicht versucht, verschont zu werden.",
    lives = "careful lebt noch.",
    other = "careful wurde von %s getötet, das es hätte abfangen können.",
  },
}
