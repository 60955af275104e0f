package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What this process holds, as Linux and the JVM tell it.
 *
 * @param threads how many by their name without numbers
 * @param files how many by what is open: the kind of a pipe and the like, a path without numbers
 * @param listening ports
 * @param peers both ports of each connection
 * @param heap bytes after collections
 */
record ProcessUsage(
    Map<String, Integer> threads,
    Map<String, Integer> files,
    Set<Integer> listening,
    Set<Set<Integer>> peers,
    long heap)
    implements Serializable {
  private static final int COLLECTIONS = 10; // in a row that free nothing
  private static final long FREED = 100_000; // bytes
  private static final long PATIENCE_S = 60;
  private static final String OURS = "sparkgrad";
  private static final int POOL = 128; // Spark bounds each

  /* What Spark, its Netty and the JDK start as they need them. */
  private static final Predicate<String> POOLS =
      Pattern.compile(
              "(QueryStageCreator|ResultQueryStageExecution|(shuffle|broadcast)-exchange)-N"
                  + "|block-manager-.*-thread-pool-N|Executor task launch worker.*"
                  + "|(rpc|shuffle|files)-(boss|server|client)-N-N|netty-rpc-connection-N"
                  + "|globalEventExecutor-N-N|CompletableFutureDelayScheduler|process reaper.*")
          .asMatchPredicate();

  /* The JVM and Spark open jars as they need them. */
  private static final Predicate<String> NOT_COUNTED =
      Pattern.compile(".*\\.jar|/(proc|dev|sys)/.*").asMatchPredicate();

  /** As soon as the threads of fits that are over have ended, or the patience has. */
  static ProcessUsage now() {
    awaitOurThreads();
    Map<String, Integer> threads = new HashMap<>();
    liveThreads().forEach(t -> threads.merge(withoutNumbers(t.getName()), 1, Integer::sum));
    Map<String, Integer> files = new HashMap<>();
    Set<Integer> listening = new HashSet<>();
    Set<Set<Integer>> peers = new HashSet<>();
    Map<String, String[]> sockets = sockets();
    for (String file : openFiles()) {
      String[] socket = sockets.get(file);
      if (socket == null) {
        if (!NOT_COUNTED.test(file)) files.merge(withoutNumbers(file), 1, Integer::sum);
      } else if (port(socket[2]) == 0) listening.add(port(socket[1]));
      else peers.add(Set.of(port(socket[1]), port(socket[2])));
    }
    return new ProcessUsage(threads, files, listening, peers, heapInUse());
  }

  /* Netty starts some at the end only. */
  private static void awaitOurThreads() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
    try {
      for (Optional<Thread> one; (one = ourThread()).isPresent() && System.nanoTime() < end; )
        one.get().join(1_000);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<Thread> ourThread() {
    return liveThreads().filter(t -> t.getName().startsWith(OURS)).findAny();
  }

  private static Stream<Thread> liveThreads() {
    return Thread.getAllStackTraces().keySet().stream();
  }

  private static String withoutNumbers(String name) {
    return name.replaceAll("\\d+", "N");
  }

  private static List<String> openFiles() {
    List<String> files = new ArrayList<>();
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      for (Path file : (Iterable<Path>) open::iterator) {
        try {
          files.add(Files.readSymbolicLink(file).toString());
        } catch (NoSuchFileException e) { // closed meanwhile
          continue;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  /** The fields of each of the machine's: the addresses here and there are the second and third. */
  private static Map<String, String[]> sockets() {
    Map<String, String[]> sockets = new HashMap<>();
    try {
      for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6"))
        for (String line : Files.readAllLines(Path.of(table))) {
          String[] fields = line.trim().split("\\s+");
          sockets.put("socket:[" + fields[9] + "]", fields);
        }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sockets;
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
  }

  /** What Spark forgets after a collection goes with the next one. */
  /* What Spark kept for a run goes only after a collection has found it, on a thread of Spark's: as long as collections
   * free something, that one is at work. */
  private static long heapInUse() {
    long least = Long.MAX_VALUE;
    for (int steady = 0; steady < COLLECTIONS; steady++) {
      System.gc();
      long now = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      if (now < least - FREED) steady = 0;
      least = Math.min(least, now);
    }
    return least;
  }

  /**
   * Asserts that what was done since left nothing.
   *
   * @param ports on which Spark's processes listened before
   * @param bytes that the heap may have grown by
   */
  void assertNotMoreThan(ProcessUsage before, Set<Integer> ports, long bytes, String process) {
    threads.forEach(
        (name, count) -> {
          assertTrue(!name.startsWith(OURS), () -> process + " has a thread " + name);
          int most = POOLS.test(name) ? POOL : before.threads.getOrDefault(name, 0);
          assertTrue(count <= most, () -> process + ": " + count + " threads " + name);
        });
    files.forEach(
        (file, count) ->
            assertTrue(
                count <= before.files.getOrDefault(file, 0),
                () -> process + ": " + count + " open " + file + "; before " + before.files));
    assertEquals(before.listening, listening, process + " listens");
    peers.forEach(
        peer ->
            assertTrue(
                peer.stream().anyMatch(ports::contains),
                () ->
                    process + " has a connection between " + peer + "; Spark listens at " + ports));
    assertTrue(heap <= before.heap + bytes, process + ": heap of " + before + " became " + this);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d threads, %d in pools; %d ports, %d connections; %d files beside jars; %.1f MB of heap",
        count(POOLS.negate()),
        count(POOLS),
        listening.size(),
        peers.size(),
        files.values().stream().mapToInt(Integer::intValue).sum(),
        heap / 1e6);
  }

  private int count(Predicate<String> name) {
    return threads.keySet().stream().filter(name).mapToInt(threads::get).sum();
  }
}
