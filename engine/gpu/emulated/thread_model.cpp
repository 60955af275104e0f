#include "thread_model.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <memory>
#include <numeric>

#ifdef SPARKGRAD_SANITIZED
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

/* Saves what a call must preserve, stores the stack pointer in *from and goes on where `to` stopped. */
extern "C" void emulated_switch(void** from, void* to);
#ifndef __x86_64__
#error "The emulated driver switches stacks by hand and knows x86-64 only."
#endif
__asm__(R"(
  .text
  .globl emulated_switch
  .hidden emulated_switch
  .type emulated_switch, @function
emulated_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size emulated_switch, .-emulated_switch
)");

namespace emulated {
namespace {

/* ---- stacks ---- */

#ifdef SPARKGRAD_SANITIZED
constexpr size_t STACK_BYTES = 512 << 10;  // red zones make frames large
#else
constexpr size_t STACK_BYTES = 128 << 10;
#endif
constexpr size_t PAGE_BYTES = 4096;

/* Where to go on: on the caller's stack or on a fiber's. */
struct Context {
  void* pointer = nullptr;
  const void* bottom = nullptr;  // the stack's bounds, for the sanitizer
  size_t bytes = 0;
  void* fake_stack = nullptr;
};

/* A stack of ours, with a page below it that nobody may touch. */
struct Fiber : Context {
  char* memory;

  explicit Fiber(void (*entry)()) {
    memory = static_cast<char*>(mmap(nullptr, PAGE_BYTES + STACK_BYTES, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (memory == MAP_FAILED || mprotect(memory, PAGE_BYTES, PROT_NONE)) {
      perror("emulated driver: no memory for the stack of a CUDA thread");
      abort();
    }
    bottom = memory + PAGE_BYTES;
    bytes = STACK_BYTES;
    void** top = reinterpret_cast<void**>(memory + PAGE_BYTES + STACK_BYTES);
    *--top = nullptr;  // in place of a return address: leaves the alignment that a call leaves
    *--top = reinterpret_cast<void*>(entry);
    pointer = top - 6;  // the registers that the switch restores, zero as fresh memory is
  }
  ~Fiber() {
#ifdef SPARKGRAD_SANITIZED
    __asan_unpoison_memory_region(memory + PAGE_BYTES, STACK_BYTES);
#endif
    munmap(memory, PAGE_BYTES + STACK_BYTES);
  }
  Fiber(const Fiber&) = delete;
};

/* ---- the block that runs ---- */

struct Thread {
  Context* context;  // where it waits
  Place place;
  Exchange kind;
  unsigned mask;
  int source;
  uint64_t value, result;
};

/* A bit for each lane. */
struct Warp {
  unsigned alive, waiting;
};

/*
 * A fiber runs one new thread after another by plain calls. Only when a thread must wait does it keep its fiber; then a
 * thread that was released goes on, else another fiber with the next new thread. So a block without barriers needs one
 * fiber and no switches, and one warp gets as far as it can before the next one starts.
 */
struct Block {
  const Launch* launch;
  Context caller;
  Context* running;
  pthread_t runner;
  bool runs_kernel = false;
  std::vector<std::unique_ptr<Fiber>> fibers;
  std::vector<Context*> idle;

  int count = 0, current = 0, next_new = 0;
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  std::vector<int> order, rank;  // in which threads start and go on, and its inverse
  std::vector<int> ready;        // released threads; those before next_ready run again
  size_t next_ready = 0;

  int at_barrier = 0, predicates = 0, released_predicates = 0, exited = 0;
  char* dynamic_shared = nullptr;
  Outcome outcome;
};

Block& block = *new Block();  // never destroyed: other threads may run kernels while the process ends

void fail(CUresult result, const std::string& problem) {
  if (!block.outcome.failed()) block.outcome = {result, problem};
}

std::string text(const Place& place) {
  const char* slash = strrchr(place.file, '/');
  return std::string(slash ? slash + 1 : place.file) + ":" + std::to_string(place.line);
}

void become(int thread) {
  unsigned t = static_cast<unsigned>(thread);
  block.current = thread;
  threadIdx = {t % blockDim.x, t / blockDim.x % blockDim.y, t / (blockDim.x * blockDim.y)};
}

/* ---- who goes on ---- */

void run_new_threads();

Context* idle_fiber() {
  if (block.idle.empty()) {
    block.fibers.push_back(std::make_unique<Fiber>(run_new_threads));
    return block.fibers.back().get();
  }
  Context* fiber = block.idle.back();
  block.idle.pop_back();
  return fiber;
}

bool somebody_is_ready() { return block.next_ready < block.ready.size(); }

/* A released thread, else a fiber for the next new one, else the caller: the block has ended or is stuck. */
Context* next_context() {
  if (block.outcome.failed()) return &block.caller;
  if (somebody_is_ready()) {
    become(block.ready[block.next_ready++]);
    return block.threads[block.current].context;
  }
  return block.next_new < block.count ? idle_fiber() : &block.caller;
}

void switch_to(Context* to) {
  Context* from = block.running;
  if (to == from) return;
  block.running = to;
#ifdef SPARKGRAD_SANITIZED
  __sanitizer_start_switch_fiber(&from->fake_stack, to->bottom, to->bytes);
#endif
  emulated_switch(&from->pointer, to->pointer);
#ifdef SPARKGRAD_SANITIZED
  __sanitizer_finish_switch_fiber(from->fake_stack, nullptr, nullptr);
#endif
}

/* Stops the current thread until it is released. */
void wait() {
  block.threads[block.current].context = block.running;
  switch_to(next_context());
}

/* Lets threads go on in the block's order. */
void release(int first, unsigned lanes) {
  if (!somebody_is_ready()) {
    block.ready.clear();
    block.next_ready = 0;
  }
  long before = static_cast<long>(block.ready.size());
  for (int i = 0; i < 32; i++)
    if (lanes >> i & 1) block.ready.push_back(first + i);
  if (block.launch->order == Order::FORWARD) return;
  std::sort(block.ready.begin() + before, block.ready.end(), [](int a, int b) { return block.rank[a] < block.rank[b]; });
}

/* ---- barriers ---- */

void release_block() {
  const Place& place = block.threads[0].place;
  for (const Thread& thread : block.threads)
    if (!(thread.place == place))
      return fail(CUDA_ERROR_LAUNCH_FAILED, "threads of one block wait at different __syncthreads: " + text(place) +
                                                " and " + text(thread.place));
  block.released_predicates = block.predicates;
  block.predicates = block.at_barrier = 0;
  block.ready = block.order;
  block.next_ready = 0;
}

/* What each lane of a complete group gets; a lane that does not take part has 0xff for the others, a NaN. */
void exchange(int first, unsigned lanes) {
  uint64_t ballot = 0;
  for (int i = 0; i < 32; i++)
    if (lanes >> i & 1 && block.threads[first + i].value) ballot |= 1ull << i;
  for (int i = 0; i < 32; i++) {
    if (!(lanes >> i & 1)) continue;
    Thread& thread = block.threads[first + i];
    bool takes_part = lanes >> thread.source & 1;
    if (thread.kind == Exchange::BALLOT) thread.result = ballot;
    if (thread.kind == Exchange::SHUFFLE) thread.result = takes_part ? block.threads[first + thread.source].value : ~0ull;
  }
}

/* Releases the lanes of this thread's mask once all of them that live have come. */
void try_to_release_lanes(int waiting) {
  const Thread& one = block.threads[waiting];
  Warp& warp = block.warps[waiting / 32];
  int first = waiting & ~31;
  unsigned lanes = one.mask & warp.alive;
  if ((warp.waiting & lanes) != lanes) return;
  for (int i = 0; i < 32; i++) {
    const Thread& other = block.threads[lanes >> i & 1 ? first + i : waiting];
    if (other.mask != one.mask || !(other.place == one.place))
      return fail(CUDA_ERROR_LAUNCH_FAILED, "lanes of one warp wait at different operations or with different masks: " +
                                                text(one.place) + " and " + text(other.place));
  }
  exchange(first, lanes);
  warp.waiting &= ~lanes;
  release(first, lanes);
}

void exit_thread(int thread) {
  Warp& warp = block.warps[thread / 32];
  block.exited++;
  warp.alive &= ~(1u << (thread & 31));
  for (int i = 0; i < 32 && warp.waiting; i++)
    if (warp.waiting >> i & 1) try_to_release_lanes((thread & ~31) + i);
}

/* A fiber's whole life. */
void run_new_threads() {
#ifdef SPARKGRAD_SANITIZED
  __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
  for (;;) {
    while (block.next_new < block.count && !somebody_is_ready() && !block.outcome.failed()) {
      int thread = block.order[block.next_new++];
      become(thread);
      block.launch->kernel->body(block.launch->args.data());
      exit_thread(thread);
    }
    block.idle.push_back(block.running);
    switch_to(next_context());
  }
}

/* ---- faults of a kernel: an error, where the process would die ---- */

struct sigaction previous_segv, previous_bus, previous_fpe;

void abandon() { switch_to(&block.caller); }

void describe_fault(int signal, const siginfo_t* info) {
  char address[32];
  snprintf(address, sizeof address, "%p", info->si_addr);
  const char* stack = static_cast<const char*>(block.running->bottom);
  const char* at = static_cast<const char*>(info->si_addr);
  if (signal == SIGFPE) return fail(CUDA_ERROR_LAUNCH_FAILED, "an integer is divided by zero");
  if (at >= stack - PAGE_BYTES && at < stack) return fail(CUDA_ERROR_LAUNCH_FAILED, "the stack of a CUDA thread is full");
  if (info->si_code == SI_KERNEL)
    return fail(CUDA_ERROR_MISALIGNED_ADDRESS, "a vector is read or written at an address that is not a multiple of its size");
  fail(CUDA_ERROR_ILLEGAL_ADDRESS, std::string("address ") + address + " is no device memory");
}

void on_fault(int signal, siginfo_t* info, void* context) {
  if (block.runs_kernel && pthread_equal(block.runner, pthread_self())) {
    describe_fault(signal, info);
    greg_t* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
    const char* top = static_cast<const char*>(block.running->bottom) + block.running->bytes;
    registers[REG_RSP] = reinterpret_cast<greg_t>(top - 64 - 8);  // nobody returns to what lay there
    registers[REG_RIP] = reinterpret_cast<greg_t>(abandon);
    return;
  }
  const struct sigaction& previous = signal == SIGSEGV ? previous_segv : signal == SIGBUS ? previous_bus : previous_fpe;
  if (previous.sa_flags & SA_SIGINFO) return previous.sa_sigaction(signal, info, context);
  if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) return previous.sa_handler(signal);
  sigaction(signal, &previous, nullptr);  // the instruction runs again and ends the process, as it would have
}

/* The Java machine uses these signals too: what is not ours goes on to it. */
void catch_faults() {
  static bool done = false;
  if (done) return;
  done = true;
  struct sigaction action = {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigaction(SIGSEGV, &action, &previous_segv);
  sigaction(SIGBUS, &action, &previous_bus);
  sigaction(SIGFPE, &action, &previous_fpe);
}

/* A full stack cannot carry the handler: it gets one of its own while kernels run. */
struct SignalStack {
  stack_t previous;
  SignalStack() {
    static char memory[64 << 10];
    stack_t mine = {};
    mine.ss_sp = memory;
    mine.ss_size = sizeof memory;
    sigaltstack(&mine, &previous);
  }
  ~SignalStack() { sigaltstack(&previous, nullptr); }
};

/* ---- a grid ---- */

/* Dynamic shared memory of exactly the launch's size, and a guard behind it. */
struct DynamicShared {
  static constexpr size_t GUARD = 64;
  size_t bytes;
  char* memory = nullptr;

  explicit DynamicShared(size_t bytes) : bytes(bytes) {
    void* allocated = nullptr;
    if (posix_memalign(&allocated, 128, bytes + guard())) abort();
    memory = static_cast<char*>(allocated);
  }
  ~DynamicShared() { free(memory); }
  DynamicShared(const DynamicShared&) = delete;

  void forget() { memset(memory, 0xff, bytes + guard()); }
  bool damaged() const {
    return std::any_of(memory + bytes, memory + bytes + guard(), [](char c) { return c != '\xff'; });
  }

 private:
#ifdef SPARKGRAD_SANITIZED
  static size_t guard() { return 0; }  // the sanitizer has its own
#else
  static size_t guard() { return GUARD; }
#endif
};

void reset_block(uint64_t seed) {
  unsigned threads = blockDim.x * blockDim.y * blockDim.z;
  block.count = static_cast<int>(threads);
  block.next_new = block.at_barrier = block.predicates = block.exited = 0;
  block.ready.clear();
  block.next_ready = 0;
  block.threads.assign(threads, Thread{});
  block.warps.assign((threads + 31) / 32, Warp{~0u, 0});
  if (threads % 32) block.warps.back().alive = (1u << threads % 32) - 1;
  if (block.launch->order == Order::SHUFFLED) Random{seed}.shuffle(block.order);
  for (unsigned i = 0; i < threads; i++) block.rank[block.order[i]] = static_cast<int>(i);
}

std::vector<int> in_order(size_t count, Order order, uint64_t seed) {
  std::vector<int> result(count);
  std::iota(result.begin(), result.end(), 0);
  if (order == Order::REVERSE) std::reverse(result.begin(), result.end());
  if (order == Order::SHUFFLED) Random{seed}.shuffle(result);
  return result;
}

std::string describe_stuck() {
  const Thread* at_barrier = nullptr;
  const Thread* in_warp = nullptr;
  for (int i = 0; i < block.count; i++) {
    const Warp& warp = block.warps[i / 32];
    if (warp.waiting >> (i & 31) & 1) in_warp = &block.threads[i];
    else if (warp.alive >> (i & 31) & 1) at_barrier = &block.threads[i];
  }
  std::string count = std::to_string(block.count);
  std::string result = std::to_string(block.exited) + " of " + count + " threads have left the kernel";
  if (at_barrier) result += ", " + std::to_string(block.at_barrier) + " wait at __syncthreads " + text(at_barrier->place);
  if (in_warp) result += ", others wait for lanes of their warp at " + text(in_warp->place);
  return "a barrier that not all threads reach: " + result;
}

void run_block(const DynamicShared& shared) {
  block.running = &block.caller;
  block.runs_kernel = true;
  switch_to(next_context());
  block.runs_kernel = false;
  if (block.outcome.failed()) return;
  if (block.exited < block.count) fail(CUDA_ERROR_LAUNCH_FAILED, describe_stuck());
  if (shared.damaged())
    fail(CUDA_ERROR_ILLEGAL_ADDRESS,
         "the kernel wrote behind its " + std::to_string(shared.bytes) + " bytes of dynamic shared memory");
}

std::string text(const uint3& index) {
  return "(" + std::to_string(index.x) + "," + std::to_string(index.y) + "," + std::to_string(index.z) + ")";
}

void learn_own_stack() {
#ifdef SPARKGRAD_SANITIZED
  pthread_attr_t attributes;
  void* bottom = nullptr;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &bottom, &block.caller.bytes);
  pthread_attr_destroy(&attributes);
  block.caller.bottom = bottom;
#endif
}

Outcome finish() {
  Outcome outcome = block.outcome;
  if (!outcome.failed()) return outcome;
  outcome.problem = std::string(block.launch->kernel->name) + ", block " + text(blockIdx) + ", thread " +
                    text(threadIdx) + ": " + outcome.problem;
  block.idle.clear();
  block.fibers.clear();  // they stand in the middle of a kernel that nobody will end
  return outcome;
}

}  // namespace

Outcome run(const Launch& launch) {
  catch_faults();
  SignalStack signals;
  learn_own_stack();
  DynamicShared shared(launch.dynamic_bytes);
  blockDim = launch.block;
  gridDim = launch.grid;
  block.launch = &launch;
  block.runner = pthread_self();
  block.dynamic_shared = shared.memory;
  block.outcome = {};
  size_t threads = static_cast<size_t>(launch.block.x) * launch.block.y * launch.block.z;
  block.order = in_order(threads, launch.order, launch.seed);
  block.rank.resize(threads);

  const Kernel& kernel = *launch.kernel;
  size_t blocks = static_cast<size_t>(launch.grid.x) * launch.grid.y * launch.grid.z;
  for (int b : in_order(blocks, launch.order, launch.seed)) {
    unsigned i = static_cast<unsigned>(b);
    blockIdx = {i % gridDim.x, i / gridDim.x % gridDim.y, i / (gridDim.x * gridDim.y)};
    std::fill(kernel.shared_begin, kernel.shared_end, '\xff');
    shared.forget();
    reset_block(launch.seed + i);
    run_block(shared);
    if (block.outcome.failed()) break;
  }
  return finish();
}

/* ---- what a kernel calls ---- */

void* dynamic_shared() { return block.dynamic_shared; }

int lane() { return block.current & 31; }

uint64_t given_by(int lane) { return block.threads[(block.current & ~31) + lane].value; }

int block_barrier(Place place, bool predicate) {
  block.threads[block.current].place = place;
  block.predicates += predicate;
  if (++block.at_barrier == block.count) release_block();
  wait();
  return block.released_predicates;
}

uint64_t warp_exchange(Exchange kind, Place place, unsigned mask, uint64_t value, int source) {
  int self = block.current;
  Thread& thread = block.threads[self];
  thread = {nullptr, place, kind, mask, source & 31, value, 0};
  if (!(mask >> (self & 31) & 1)) fail(CUDA_ERROR_LAUNCH_FAILED, "a lane is not in its own mask at " + text(place));
  block.warps[self / 32].waiting |= 1u << (self & 31);
  try_to_release_lanes(self);
  wait();
  return thread.result;
}

/* ---- registration ---- */

std::vector<Kernel>& kernels() {
  static std::vector<Kernel> all;
  return all;
}

Registration::Registration(const Kernel& kernel) { kernels().push_back(kernel); }

uint64_t Random::next() {
  uint64_t z = state += 0x9e3779b97f4a7c15ull;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

}  // namespace emulated
