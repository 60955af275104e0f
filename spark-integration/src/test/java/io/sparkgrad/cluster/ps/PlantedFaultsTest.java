package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the simulation is worth: faults in the protocol, planted, each of which it finds. */
class PlantedFaultsTest {
  private static final int SEEDS = 3_000;

  /** A fault: a copy that is wrong in one way. */
  enum Fault {
    A_VERSION_IS_SHOWN_TWO_STEPS_AHEAD_OF_ITS_BACKUP {
      @Override
      ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
        return new ChunkCopy(spec, first, state) {
          @Override
          boolean mayLeave(long shown) {
            return true;
          }

          @Override
          synchronized Message.Forward takeForward() {
            return version() < 4 ? null : super.takeForward(); // a slow backup
          }
        };
      }
    },
    A_FORWARD_IS_ACKNOWLEDGED_BUT_NOT_SENT {
      @Override
      ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
        return new ChunkCopy(spec, first, state) {
          @Override
          synchronized Message.Forward takeForward() {
            Message.Forward m = super.takeForward();
            if (m == null) return null;
            backedUp(m, new Outbox());
            return null;
          }
        };
      }
    },
    A_BACKUP_REPEATS_A_STEP_TWICE {
      @Override
      ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
        return new ChunkCopy(spec, first, state) {
          @Override
          synchronized void forward(Message.Forward m, Transport.Reply reply, Outbox out) {
            Message.StepLoss late =
                new Message.StepLoss(version(), m.loss().lossSum(), m.loss().denominator());
            super.forward(
                new Message.Forward(
                    m.runId(),
                    m.epoch(),
                    m.from(),
                    m.chunk(),
                    m.pin(),
                    m.mean(),
                    late,
                    m.reported(),
                    m.norms()),
                reply,
                out);
          }
        };
      }
    },
    A_BACKUP_DOES_NOT_PIN {
      @Override
      ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
        return new ChunkCopy(spec, first, state) {
          @Override
          synchronized void forward(Message.Forward m, Transport.Reply reply, Outbox out) {
            super.forward(
                new Message.Forward(
                    m.runId(),
                    m.epoch(),
                    m.from(),
                    m.chunk(),
                    -1,
                    m.mean(),
                    m.loss(),
                    m.reported(),
                    m.norms()),
                reply,
                out);
          }
        };
      }
    },
    A_COPY_LEAVES_WITHOUT_THE_STATE_OF_THE_OPTIMIZER {
      @Override
      ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
        return new ChunkCopy(spec, first, state) {
          @Override
          synchronized CopyState snapshot() {
            CopyState s = super.snapshot();
            return with(s, withoutSlots(spec, s.numbers()), s.pinnedVersion(), s.norms());
          }
        };
      }
    },
    A_COPY_LEAVES_WITHOUT_ITS_OLD_VERSIONS {
      @Override
      ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
        return new ChunkCopy(spec, first, state) {
          @Override
          synchronized CopyState snapshot() {
            CopyState s = super.snapshot();
            CopyState.Numbers newest =
                s.numbers() instanceof CopyState.Rows r
                    ? new CopyState.Rows(r.touched(), List.of(), r.pinned())
                    : newest((CopyState.Dense) s.numbers());
            return with(s, newest, s.pinnedVersion(), s.norms());
          }
        };
      }
    },
    A_COPY_LEAVES_WITHOUT_ITS_NORMS {
      @Override
      ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
        return new ChunkCopy(spec, first, state) {
          @Override
          synchronized CopyState snapshot() {
            CopyState s = super.snapshot();
            return with(s, s.numbers(), s.pinnedVersion(), List.of());
          }
        };
      }
    },
    NORMS_OF_STEPS_MADE_BEFORE_ARE_NOT_TOLD {
      @Override
      ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
        return new ChunkCopy(spec, first, state) {
          @Override
          synchronized List<Double> norms(long step) {
            return null;
          }
        };
      }
    },
    A_COPY_LEAVES_WITHOUT_THE_PINNED_VERSION {
      @Override
      ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
        return new ChunkCopy(spec, first, state) {
          @Override
          synchronized CopyState snapshot() {
            CopyState s = super.snapshot();
            CopyState.Numbers unpinned =
                s.numbers() instanceof CopyState.Rows r
                    ? new CopyState.Rows(r.touched(), r.undone(), List.of())
                    : unpinned((CopyState.Dense) s.numbers());
            return with(s, unpinned, -1, s.norms());
          }
        };
      }
    },
    LOSSES_THAT_WERE_NOT_REPORTED_ARE_LOST_WITH_THE_REPORTER {
      @Override
      ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
        return new ChunkCopy(spec, first, state) {
          @Override
          synchronized void forward(Message.Forward m, Transport.Reply reply, Outbox out) {
            super.forward(m, reply, out);
            reported(version());
          }
        };
      }
    },
    A_PARTIAL_SUM_IS_KEPT_THROUGH_A_FENCE {
      @Override
      ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
        return new ChunkCopy(spec, first, state) {
          private TreeSum kept;
          private long step = -1;

          @Override
          TreeSum newSum() {
            if (step != version()) kept = super.newSum();
            step = version();
            return kept;
          }
        };
      }
    },
    A_REPEATED_PUSH_IS_COUNTED_AGAIN {
      @Override
      ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
        return new ChunkCopy(spec, first, state) {
          @Override
          boolean push(Message.Push m, Transport.Reply reply, Outbox out) {
            if (m.step() != version() - 1) return super.push(m, reply, out);
            Message.Push again =
                new Message.Push(
                    m.runId(), m.epoch(), m.from(), m.chunk(), version(), m.pin(), m.nodes(),
                    m.next());
            return super.push(again, reply, out);
          }
        };
      }
    };

    abstract ChunkCopy copy(RunSpec spec, float[] first, CopyState state);

    private static CopyState with(
        CopyState s, CopyState.Numbers numbers, long pinned, List<List<Double>> norms) {
      return new CopyState(
          s.segments(), s.version(), numbers, s.updates(), pinned, s.losses(), norms);
    }

    private static CopyState.Numbers withoutSlots(RunSpec spec, CopyState.Numbers numbers) {
      if (numbers instanceof CopyState.Rows r) {
        List<TableRows> cleared = new ArrayList<>();
        for (TableRows rows : r.touched()) cleared.add(withoutSlots(spec, rows));
        return new CopyState.Rows(cleared, r.undone(), r.pinned());
      }
      CopyState.Dense d = (CopyState.Dense) numbers;
      List<Floats> zeros = new ArrayList<>();
      for (Floats f : d.slots()) zeros.add(Floats.of(new float[f.length()]));
      return new CopyState.Dense(d.weights(), zeros, d.pinned());
    }

    private static TableRows withoutSlots(RunSpec spec, TableRows rows) {
      float[] weights = rows.values().clone();
      int width = spec.tables().get(rows.table()).width();
      for (int i = 0; i < weights.length; i++) if (i % rows.width() >= width) weights[i] = 0;
      return new TableRows(rows.table(), rows.ids(), weights);
    }

    private static CopyState.Dense newest(CopyState.Dense d) {
      return new CopyState.Dense(d.weights().subList(0, 1), d.slots(), d.pinned());
    }

    private static CopyState.Dense unpinned(CopyState.Dense d) {
      return new CopyState.Dense(d.weights(), d.slots(), null);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyPlantedFaultIsFound(Fault fault) {
    Simulation.Parts broken =
        new Simulation.Parts() {
          @Override
          ChunkCopy copy(RunSpec spec, float[] first, CopyState state) {
            return fault.copy(spec, first, state);
          }
        };
    long seed = 0;
    while (seed < SEEDS && !finds(seed, broken)) seed++;
    assertTrue(seed < SEEDS, "not found in " + SEEDS + " seeds");
    System.out.printf("%s: found by seed %d%n", fault, seed);
  }

  private static boolean finds(long seed, Simulation.Parts broken) {
    try {
      SimulationTest.check(seed, broken);
      return false;
    } catch (AssertionError | RuntimeException found) {
      return true;
    }
  }
}
