package io.sparkgrad.random;

import java.io.Serializable;
import java.util.Arrays;

/**
 * MT19937, the source of bits behind {@link Generator}. Matsumoto and Nishimura, "Mersenne Twister:
 * a 623-dimensionally equidistributed uniform pseudorandom number generator", 1998. Not
 * thread-safe.
 */
final class MersenneTwister implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int N = 624;
  private static final int M = 397;

  private final int[] state = new int[N];
  private int next;

  /** The paper's init_genrand (its 2002 version), what PyTorch and C++'s std::mt19937 do. */
  void seed(int seed) {
    state[0] = seed;
    for (int i = 1; i < N; i++) {
      state[i] = 1_812_433_253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
    next = N;
  }

  /**
   * The paper's init_by_array: every bit of every key counts, where {@link #seed} has 32 in all.
   */
  void seed(int... keys) {
    seed(19_650_218);
    int i = 1;
    for (int k = 0; k < Math.max(N, keys.length); k++) {
      int j = k % keys.length;
      state[i] = (state[i] ^ (state[i - 1] ^ (state[i - 1] >>> 30)) * 1_664_525) + keys[j] + j;
      i = after(i);
    }
    for (int k = 0; k < N - 1; k++) {
      state[i] = (state[i] ^ (state[i - 1] ^ (state[i - 1] >>> 30)) * 1_566_083_941) - i;
      i = after(i);
    }
    state[0] = 0x8000_0000;
    next = N;
  }

  /* Word 0 is set last, from word N-1, so the walk is over 1..N-1. */
  private int after(int i) {
    if (i + 1 < N) return i + 1;
    state[0] = state[N - 1];
    return 1;
  }

  int nextInt() {
    if (next == N) twist();
    int y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c_5680;
    y ^= (y << 15) & 0xefc6_0000;
    return y ^ (y >>> 18);
  }

  private void twist() {
    for (int i = 0; i < N - M; i++) state[i] = state[i + M] ^ mixed(state[i], state[i + 1]);
    for (int i = N - M; i < N - 1; i++) state[i] = state[i + M - N] ^ mixed(state[i], state[i + 1]);
    state[N - 1] = state[M - 1] ^ mixed(state[N - 1], state[0]);
    next = 0;
  }

  private static int mixed(int high, int low) {
    int y = (high & 0x8000_0000) | (low & 0x7fff_ffff);
    return (y >>> 1) ^ (-(y & 1) & 0x9908_b0df);
  }

  void set(MersenneTwister from) {
    System.arraycopy(from.state, 0, state, 0, N);
    next = from.next;
  }

  boolean same(MersenneTwister that) {
    return next == that.next && Arrays.equals(state, that.state);
  }
}
