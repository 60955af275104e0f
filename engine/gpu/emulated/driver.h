/* The state of the emulated driver, which its functions and the controls share. */
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "streams.h"

namespace emulated {

struct Function;

struct Module {
  Device* device;
  std::string ptx;
  std::map<std::string, void*> functions;
};

struct Function {
  const Kernel* kernel;
  Device* device;
  unsigned most_dynamic_bytes;
};

/* Counts down to a fault; 0 is off. */
struct Countdown {
  int left = 0;
  bool strikes() { return left > 0 && --left == 0; }
};

/* Handles count up and are never given twice, so that the use of a destroyed one is seen. */
template <class T>
class Handles {
 public:
  explicit Handles(uint64_t first) : next_(first) {}

  void* add(std::shared_ptr<T> value) {
    live_[next_] = std::move(value);
    return reinterpret_cast<void*>(next_++);
  }
  std::shared_ptr<T> find(const void* handle) const {
    auto found = live_.find(reinterpret_cast<uint64_t>(handle));
    return found == live_.end() ? nullptr : found->second;
  }
  void remove(const void* handle) { live_.erase(reinterpret_cast<uint64_t>(handle)); }

 private:
  uint64_t next_;
  std::map<uint64_t, std::shared_ptr<T>> live_;
};

struct Driver {
  std::mutex lock;  // held by every function
  bool initialized = false;
  std::vector<std::unique_ptr<Device>> devices;
  Schedule schedule{devices};
  Handles<Stream> streams{0x1000000};
  Handles<Event> events{0x2000000};
  Handles<Module> modules{0x3000000};
  Handles<Function> functions{0x4000000};
  std::map<uint64_t, size_t> pinned;

  Order order = Order::FORWARD;
  Random seeds{0};  // of shuffled launches
  Countdown allocation_fault, launch_fault;
  long launches = 0;
  size_t largest_download = 0;  // bytes of one copy to the host

  void initialize();
  /* What the environment says, and nothing of what a test has set. */
  void reset();
  bool is_pinned(const void* address, size_t bytes) const;
};

/* Lives as long as the process: its streams may be used while the process ends. */
Driver& driver();

}  // namespace emulated
