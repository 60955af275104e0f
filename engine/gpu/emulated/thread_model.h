/* Runs a grid of CUDA threads on the thread that calls. */
#pragma once

#include <string>
#include <vector>

#include "emulated.h"
#include "results.h"

namespace emulated {

enum class Order { FORWARD, REVERSE, SHUFFLED };

struct Launch {
  const Kernel* kernel;
  dim3 grid, block;
  unsigned dynamic_bytes;
  std::vector<char> args;
  Order order;  // of the blocks, and of the threads in a block
  uint64_t seed;
};

/* Runs it to its end; what the kernel did wrong, in which block and thread, or success. */
Outcome run(const Launch& launch);

/* All kernels linked into this library. */
std::vector<Kernel>& kernels();

/* A small generator (splitmix64): the same seed gives the same order on every machine. */
struct Random {
  uint64_t state;
  uint64_t next();
  int below(size_t bound) { return static_cast<int>(next() % bound); }
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (size_t i = items.size(); i > 1; i--) std::swap(items[i - 1], items[below(i)]);
  }
};

}  // namespace emulated
