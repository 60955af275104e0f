/* Devices, streams and events. */
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "memory.h"
#include "results.h"
#include "thread_model.h"

namespace emulated {

struct Stream;
struct Device;

/* A stream has done that many pieces of work. What waits for a stream or an event waits for a point. */
struct Point {
  std::shared_ptr<Stream> stream;
  uint64_t count = 0;
  bool reached() const;
};

struct Work {
  std::vector<Point> after;
  std::function<Outcome()> run;
};

struct Stream {
  Device* device;
  bool blocking;  // waits for the null stream, and the null stream for it
  int priority;
  bool destroyed = false;  // what was submitted is still done
  std::deque<Work> queue;
  uint64_t submitted = 0, done = 0;

  Stream(Device* device, bool blocking, int priority) : device(device), blocking(blocking), priority(priority) {}
};

inline bool Point::reached() const { return !stream || stream->done >= count; }

struct Event {
  Device* device;
  bool timing;
  bool recorded = false;
  Point point;
  std::chrono::steady_clock::time_point time;
};

struct Device {
  int index;     // among the visible ones
  int hardware;  // among all
  Memory memory;
  std::shared_ptr<Stream> null_stream;
  std::vector<std::shared_ptr<Stream>> streams;  // those that live or still have work; the null stream is the first
  int retained = 0;
  Outcome error;  // once a kernel has failed, every later call fails as it did

  Device(int index, int hardware, size_t bytes);
  std::shared_ptr<Stream> new_stream(bool blocking, int priority);
};

/*
 * Order of work. At once: each piece is done when it is submitted. Deferred: nothing is done until somebody waits; then
 * either what he waits for only, or everything in a seeded order that keeps to streams and events. So a program that
 * reads too early, or writes what is still to be read, gets wrong numbers here as it sometimes would on a card.
 */
class Schedule {
 public:
  explicit Schedule(std::vector<std::unique_ptr<Device>>& devices) : devices_(devices) {}

  void at_once();
  void deferred(uint64_t seed);

  /* Success means: accepted, and, if work is done at once, done. */
  CUresult submit(const std::shared_ptr<Stream>& stream, std::function<Outcome()> run);
  CUresult wait_for_event(const std::shared_ptr<Stream>& stream, const Event& event);
  /* Does what the point needs; the error of its device. */
  CUresult finish(const Point& point);
  CUresult finish(Device& device);
  /* Whether it is reached. Who asks again and again gets there. */
  bool query(const Point& point);
  void drop_all();

 private:
  CUresult submit_after(const std::shared_ptr<Stream>& stream, std::vector<Point> after, std::function<Outcome()> run);
  std::shared_ptr<Stream> needed_for(const Point& point);
  std::shared_ptr<Stream> any_runnable();
  void run_next_of(Stream& stream);

  std::vector<std::unique_ptr<Device>>& devices_;
  bool deferred_ = false;
  Random random_{0};
};

/* Makes the device fail from now on, and says why. */
void poison(Device& device, const Outcome& outcome);
/* Tells a person what the result alone does not. */
void report(const std::string& problem);
const std::string& last_problem();
void forget_problem();

}  // namespace emulated
