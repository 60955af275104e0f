package io.sparkgrad.cluster.ps;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A run under a virtual clock on one thread: the real coordinator, segments and tasks, over a
 * network that loses, delays, repeats and reorders messages, between processes that die, pause, are
 * cut off from each other and come back. Everything follows from the seed.
 */
class Simulation {
  private static final long SECOND = 1_000;
  private static final long DEADLINE_MS = 900 * SECOND; // of virtual time: the run hangs
  private static final int MOST_EVENTS = 200_000;
  private static final String DRIVER = "driver";

  /** The parts that a test may break. */
  static class Parts {
    ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
      return new ChunkCopy(spec, first, state);
    }

    Node node(
        RunSpec spec,
        String executor,
        Transport transport,
        Timer timer,
        FailureLatch latch,
        float[] initial) {
      return new PartsNode(this, spec, executor, transport, timer, latch, initial);
    }

    Coordinator coordinator(
        RunSpec spec, Transport transport, Timer timer, List<EpochLoss> epochs) {
      return new Coordinator(
          spec, transport, timer, Coordinator.Timeouts.DEFAULT, Runnable::run, epochs::add);
    }
  }

  static class PartsNode extends Node {
    private final Parts parts;

    PartsNode(
        Parts parts,
        RunSpec spec,
        String executor,
        Transport transport,
        Timer timer,
        FailureLatch latch,
        float[] initial) {
      super(spec, executor, transport, timer, latch, initial, () -> {});
      this.parts = parts;
    }

    @Override
    Shard shard(RunSpec spec, Address self, float[] initial) {
      return new Shard(spec, self, initial) {
        @Override
        ChunkCopy copy(CopyState state) {
          return parts().copy(spec, initial, state);
        }
      };
    }

    private Parts parts() {
      return parts;
    }
  }

  /** What happened. */
  record Outcome(
      float[] weights,
      List<EpochLoss> epochs,
      RunOutcome outcome,
      String failure,
      int kills,
      boolean copiesGone,
      long millis,
      int events,
      long mostReplayed) {}

  private record Event(long atMs, long order, Process owner, Runnable action) {}

  /** Something that can die or pause, with all its pending events. */
  private final class Process {
    final String name;
    boolean dead;
    long pausedUntilMs;

    Process(String name) {
      this.name = name;
    }

    Timer timer() {
      return new Timer() {
        @Override
        public void after(long ms, Runnable action) {
          at(ms, Process.this, action);
        }

        @Override
        public long nanos() {
          return nowMs * 1_000_000;
        }
      };
    }
  }

  private final class Wire implements Transport {
    final Process owner;
    final Address address = new Address("sim", ++ports);
    Handler handler;

    Wire(Process owner) {
      this.owner = owner;
      endpoints.put(address, this);
    }

    @Override
    public Address address() {
      return address;
    }

    @Override
    public void serve(Handler h) {
      handler = h;
    }

    @Override
    public CompletableFuture<Message> call(Address to, Message m) {
      CompletableFuture<Message> answer = new CompletableFuture<>();
      Wire peer = endpoints.get(to);
      ByteBuffer bytes = Message.encode(m);
      if (peer == this) {
        at(
            0,
            owner,
            () ->
                deliver(this, bytes, b -> Transport.complete(answer, Message.decode(b, buffers))));
        return answer;
      }
      if (m instanceof Message.Commit c) commit = c;
      calls.add(new Call(this, peer, answer));
      int copies = chance(faults.duplicates) ? 2 : 1;
      for (int i = 0; i < copies; i++) send(peer, bytes, answer);
      return answer;
    }

    private void send(Wire peer, ByteBuffer bytes, CompletableFuture<Message> answer) {
      if (lost(this, peer)) {
        broken(peer, answer);
        return;
      }
      at(
          delay(),
          peer.owner,
          () -> {
            if (peer.closed || cut(owner, peer.owner)) broken(peer, answer);
            else deliver(peer, bytes, b -> back(peer, b, answer));
          });
    }

    boolean closed;
    boolean known; // the coordinator counts on it

    private void back(Wire peer, ByteBuffer bytes, CompletableFuture<Message> answer) {
      if (lost(peer, this)) {
        broken(peer, answer);
        return;
      }
      at(delay(), owner, () -> Transport.complete(answer, Message.decode(bytes, buffers)));
    }

    void broken(Wire peer, CompletableFuture<Message> answer) {
      at(
          20 + random.nextInt(500),
          owner,
          () ->
              answer.completeExceptionally(
                  new Unreachable(peer.address, new IOException("connection reset"))));
    }

    private void deliver(Wire to, ByteBuffer bytes, java.util.function.Consumer<ByteBuffer> back) {
      Message m = Message.decode(bytes, buffers);
      trace("%s ms: %s -> %s: %s", nowMs, owner.name, to.owner.name, m);
      to.known |= m instanceof Message.Commit || m instanceof Message.Fence;
      boolean[] answered = {false};
      Transport.deliver(
          to.handler,
          m,
          f -> {
            if (answered[0])
              throw new AssertionError("answered twice: " + f.message() + " to " + m);
            trace("answer %s", f.message());
            answered[0] = true;
            back.accept(Message.encode(f.message()));
          });
    }

    @Override
    public long bytesSent() {
      return 0;
    }

    @Override
    public long backupBytesSent() {
      return 0;
    }

    @Override
    public long bytesReceived() {
      return 0;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private record Call(Wire from, Wire to, CompletableFuture<Message> answer) {}

  /** An executor's process: a node, and tasks that compute when they may. */
  private final class Machine {
    final Process process;
    final Node node;
    final FailureLatch latch = new FailureLatch();
    final Wire wire;
    final List<Task> tasks = new ArrayList<>();

    Machine(String executor) {
      process = new Process(executor);
      wire = new Wire(process);
      node = parts.node(spec, executor, wire, process.timer(), latch, initial);
      wire.serve(node);
      node.start();
    }

    void pump() {
      if (process.dead) return;
      if (latch.failed()) {
        if (!evicted && coordinator.finished().isCompletedExceptionally()) return;
        if (!evicted) given(this);
        evicted = true;
        return;
      }
      for (Task t : List.copyOf(tasks)) t.poll();
    }

    boolean evicted; // it failed, though the run goes on
  }

  private final class Task {
    final Machine on;
    final TaskSession session;
    boolean busy;
    boolean over;
    long last = -1;

    Task(Machine on, long id) {
      this.on = on;
      session =
          new TaskSession(
              on.node,
              spec,
              new TaskInfo(id, on.process.name, "sim", () -> false),
              () -> WireBytes.NONE,
              () -> {});
    }

    void poll() {
      if (whenThere != null) goOn();
      if (busy || over) return;
      switch (session.poll()) {
        case WAIT -> {}
        case OVER -> over = true;
        case GO -> {
          busy = true;
          if (!session.mustScore()) {
            if (session.step() <= last)
              mostReplayed = Math.max(mostReplayed, last - session.step());
            last = session.step();
          }
          compute(session.workers(), 0, session.weights().clone());
        }
      }
    }

    List<TableRows> wanted = List.of();
    Runnable whenThere; // null: it waits for no rows

    private void goOn() {
      if (!session.isVoid() && !session.isThere(wanted)) return;
      Runnable next = whenThere;
      whenThere = null;
      if (session.isVoid()) busy = false;
      else next.run();
    }

    private void compute(int[] workers, int i, float[] found) {
      if (session.mustScore()) {
        computeThere(workers, i, found);
        return;
      }
      wanted = problem.lookUps(workers[i], session.step());
      session.request(wanted);
      whenThere = () -> computeThere(workers, i, found);
      goOn();
    }

    /* The weights must not change while a task computes: it goes on from those that it found. */
    private void computeThere(int[] workers, int i, float[] found) {
      at(
          1 + random.nextInt(faults.computeMs),
          on.process,
          () -> {
            if (!Arrays.equals(found, 0, problem.dense(), session.weights(), 0, problem.dense()))
              throw new AssertionError("the weights changed under task " + session.step());
            if (session.mustScore()) {
              Map<Integer, List<Score>> scores = new HashMap<>();
              for (int w : workers) scores.put(w, problem.score(found, w, session.step()));
              session.submitScores(scores);
              busy = false;
              return;
            }
            Problem.Contribution c = problem.compute(session.weights(), workers[i], session.step());
            boolean on = Simulation.this.push(this, workers[i], c);
            if (on && i + 1 < workers.length) compute(workers, i + 1, found);
            else busy = false;
          });
    }
  }

  private boolean push(Task t, int worker, Problem.Contribution c) {
    float[] g = c.gradient();
    List<TableRows> rows =
        g == null
            ? List.of()
            : Problem.rows(problem.lookUps(worker, t.session.step()), problem.dense(), g);
    float[] dense = g == null ? null : Arrays.copyOf(g, problem.dense());
    List<TableRows> next = problem.next(worker, t.session.step());
    return t.session.push(worker, dense, c.present(), rows, next, c.loss(), c.rows(), c.count());
  }

  /** How bad it gets. */
  record Faults(
      double losses,
      double duplicates,
      int delayMs,
      int computeMs,
      int kills,
      int pauses,
      int cuts) {
    static Faults none() {
      return new Faults(0, 0, 5, 5, 0, 0, 0);
    }

    static Faults of(Random r) {
      return new Faults(
          r.nextBoolean() ? 0 : r.nextDouble() * 0.08,
          r.nextBoolean() ? 0 : r.nextDouble() * 0.3,
          1 + r.nextInt(r.nextInt(4) == 0 ? 400 : 20),
          1 + r.nextInt(30),
          r.nextInt(4),
          r.nextInt(3),
          r.nextInt(3) == 0 ? 1 + r.nextInt(2) : 0);
    }
  }

  private final Random random;
  private final Faults faults;
  private final Problem problem;
  private final Parts parts;
  private final float[] initial;
  private final RunSpec spec;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          (a, b) ->
              a.atMs() != b.atMs()
                  ? Long.compare(a.atMs(), b.atMs())
                  : Long.compare(a.order(), b.order()));
  private final Buffers buffers = new Buffers();
  private final Map<Address, Wire> endpoints = new HashMap<>();
  private final List<Call> calls = new ArrayList<>();
  private final List<Machine> machines = new ArrayList<>();
  private final Map<Set<Process>, Long> cuts = new HashMap<>(); // until when
  private final List<EpochLoss> epochs = new ArrayList<>();
  private final Process driver = new Process(DRIVER);
  private final Coordinator coordinator;
  private final int tasksEach;
  private final boolean mayLoseCopies;
  private static final boolean TRACE = Boolean.getBoolean("sparkgrad.trace");
  private Message.Commit commit; // the last that the coordinator sent
  private long nowMs;
  private long order;
  private int ports;
  private int executors;
  private long taskIds;
  private int kills;
  private boolean copiesGone;
  private long mostReplayed;
  private int done; // events

  Simulation(long seed, Problem problem, int count, StopCriteria stop, Faults faults, Parts parts) {
    this.random = new Random(seed);
    this.faults = faults;
    this.problem = problem;
    this.parts = parts;
    this.initial = problem.initial();
    this.tasksEach = 1 + random.nextInt(2);
    this.mayLoseCopies = random.nextInt(10) == 0;
    Wire wire = new Wire(driver);
    this.spec =
        RunSpec.of(
                "simulated",
                problem.numel(),
                problem.workers(),
                problem.steps(),
                Problem.STEPS_PER_EPOCH,
                problem.rule(),
                TransportSpec.local(),
                random.nextInt(4) == 0 ? 1 : count * tasksEach)
            .stoppingBy(stop)
            .withParameters(problem.parameters(), Problem.BUFFERS, Problem.MAXIMA, problem.tables())
            .at(wire.address());
    this.coordinator = parts.coordinator(spec, wire, driver.timer(), epochs);
    wire.serve(coordinator);
    for (int i = 0; i < count; i++)
      launch(random.nextInt(4) == 0 ? random.nextInt(3000) : random.nextInt(50), tasksEach);
    for (int i = 0; i < faults.kills(); i++) at(aWhile(), driver, this::kill);
    for (int i = 0; i < faults.pauses(); i++) at(aWhile(), driver, this::pause);
    for (int i = 0; i < faults.cuts(); i++) at(aWhile(), driver, this::cutOff);
  }

  private int aWhile() {
    return random.nextInt(20 + (int) problem.steps() * (faults.computeMs() + faults.delayMs()) * 2);
  }

  private void at(long ms, Process owner, Runnable action) {
    events.add(new Event(nowMs + ms, order++, owner, action));
  }

  private boolean chance(double p) {
    return p > 0 && random.nextDouble() < p;
  }

  private long delay() {
    return random.nextInt(faults.delayMs());
  }

  private boolean lost(Wire from, Wire to) {
    return to.owner.dead || to.closed || cut(from.owner, to.owner) || chance(faults.losses());
  }

  private boolean cut(Process a, Process b) {
    return cuts.getOrDefault(Set.of(a, b), 0L) > nowMs;
  }

  /** Spark starts an executor with so many tasks. */
  private void launch(long afterMs, int tasks) {
    at(
        afterMs,
        driver,
        () -> {
          Machine m = new Machine("" + executors++);
          machines.add(m);
          for (int t = 0; t < tasks; t++) {
            long id = ++taskIds;
            at(random.nextInt(30), m.process, () -> m.tasks.add(new Task(m, id)));
          }
        });
  }

  private List<Machine> alive() {
    return machines.stream().filter(m -> !m.process.dead && !m.evicted).toList();
  }

  private void kill() {
    List<Machine> all = alive();
    if (all.isEmpty() || coordinator.finished().isDone()) return;
    Machine victim = all.get(random.nextInt(all.size()));
    boolean gone = !survives(victim);
    if (gone && !mayLoseCopies) {
      at(100 + random.nextInt(400), driver, this::kill); // later, when there are copies again
      return;
    }
    copiesGone |= gone;
    kills++;
    die(victim);
  }

  private static void trace(String text, Object... values) {
    if (TRACE) System.out.println(text.formatted(values));
  }

  private void die(Machine victim) {
    trace("--- %s ms: %s dies", nowMs, victim.process.name);
    victim.process.dead = true;
    for (Call c : calls)
      if (c.to().owner == victim.process && !c.answer().isDone())
        c.from().broken(c.to(), c.answer());
    calls.removeIf(c -> c.answer().isDone());
    if (random.nextInt(8) > 0) // else Spark finds out late
    at(10 + random.nextInt(2000), driver, () -> spark(victim));
    else at(20_000, driver, () -> spark(victim));
    launch(500 + random.nextInt(4000), tasksEach);
  }

  private void spark(Machine victim) {
    coordinator.executorLost(victim.process.name, "exited with code 137");
  }

  /** Whether each segment has a copy elsewhere, no more than two versions old. */
  private boolean survives(Machine victim) {
    long newest = 0;
    for (Machine m : machines) for (Held h : held(m)) newest = Math.max(newest, h.version());
    long[] best = new long[spec.segments().count()];
    Arrays.fill(best, newest == 0 ? 0 : -1); // at first everybody can make every segment
    if (alive().stream().allMatch(m -> m == victim || !m.wire.known)) return false;
    for (Machine m : alive()) {
      if (m == victim) continue;
      for (Held h : held(m))
        for (int s : h.segments().members())
          if (isPlaced(s, m.wire.address)) best[s] = Math.max(best[s], h.version());
    }
    for (long b : best) if (b < newest - 2) return false;
    return true;
  }

  /** Whether the last commit leaves a segment with an executor, which may not have heard of it. */
  private boolean isPlaced(int segment, Address at) {
    return commit != null
        && commit.chunks().stream()
            .filter(c -> c.segments().contains(segment))
            .anyMatch(c -> at.equals(c.primary()) || at.equals(c.backup()));
  }

  private static List<Held> held(Machine m) {
    return m.node.held();
  }

  /** An executor failed though the run goes on: Spark starts its tasks once more. */
  private void given(Machine m) {
    at(
        random.nextInt(3000),
        driver,
        () -> {
          m.wire.close();
          m.node.close();
          launch(0, m.tasks.size());
        });
  }

  private void pause() {
    List<Process> all = new ArrayList<>();
    all.add(driver);
    for (Machine m : alive()) all.add(m.process);
    Process p = all.get(random.nextInt(all.size()));
    p.pausedUntilMs = nowMs + random.nextInt(60_000);
    trace("--- %s ms: %s pauses until %s", nowMs, p.name, p.pausedUntilMs);
  }

  private void cutOff() {
    List<Machine> all = alive();
    if (all.size() < 2) return;
    Process a = all.get(random.nextInt(all.size())).process;
    Process b = random.nextInt(3) == 0 ? driver : all.get(random.nextInt(all.size())).process;
    if (a == b || cut(a, b)) return;
    long until = nowMs + random.nextInt(8_000);
    trace("--- %s ms: no way from %s to %s until %s", nowMs, a.name, b.name, until);
    cuts.put(Set.of(a, b), until);
  }

  Outcome run() {
    while (!coordinator.finished().isDone() || (!ended() && nowMs < DEADLINE_MS)) {
      Event e = events.poll();
      if (e == null || ++done > MOST_EVENTS || e.atMs() > DEADLINE_MS)
        throw new AssertionError("the run hangs at %s ms: %s".formatted(nowMs, state()));
      nowMs = Math.max(nowMs, e.atMs());
      if (e.owner().dead) continue;
      if (e.owner().pausedUntilMs > nowMs) {
        events.add(new Event(e.owner().pausedUntilMs, e.order(), e.owner(), e.action()));
        continue;
      }
      e.action().run();
      for (Machine m : machines) if (m.process == e.owner()) m.pump();
    }
    String failure = null;
    if (coordinator.finished().isCompletedExceptionally())
      failure = coordinator.finished().handle((ok, x) -> x.getMessage()).join();
    return new Outcome(
        coordinator.result(),
        epochs,
        coordinator.outcome(),
        failure,
        kills,
        copiesGone,
        nowMs,
        done,
        mostReplayed);
  }

  private boolean ended() {
    return alive().stream().allMatch(m -> m.node.ended());
  }

  private String state() {
    Map<String, Object> s = new LinkedHashMap<>();
    s.put("coordinator", coordinator.toString());
    for (Machine m : alive())
      s.put(
          m.process.name,
          "%s tasks, %s, held %s, over %s"
              .formatted(m.tasks.size(), m.node.steps().now(), held(m), m.node.over()));
    return s.toString();
  }
}
