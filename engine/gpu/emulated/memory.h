/* The memory of one device. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <map>
#include <string>

namespace emulated {

/*
 * Allocations lie in a range of addresses of the device's own, each between two guard zones, so that a pointer tells
 * whose it is and a kernel that writes past an end is seen after its launch. Fresh and freed memory is 0xff: NaN as a
 * float. Under the address sanitizer all that is not allocated is poisoned, and it names the kernel's line.
 */
class Memory {
 public:
  Memory(int device, size_t bytes);

  /* 0 when there is no room. */
  uint64_t allocate(size_t bytes);
  bool release(uint64_t address);
  void release_all();

  /* Whether all bytes are inside one live allocation. */
  bool holds(uint64_t address, size_t bytes) const;
  /* Whether the address is one of this device, allocated or not. */
  bool owns(uint64_t address) const { return address >= begin_ && address < begin_ + range_; }

  /* Empty, or which allocation a kernel wrote past. Mends the guard zones, so that one fault is told once. */
  std::string damage();

  size_t total() const { return total_; }
  size_t used() const { return used_; }
  size_t unused() const { return total_ > used_ ? total_ - used_ : 0; }
  size_t blocks() const { return live_.size(); }
  /* Less memory than the device has, to meet its end in a test. */
  void limit(size_t bytes) { total_ = bytes < range_ / 2 ? bytes : range_ / 2; }
  void unlimited() { total_ = range_ / 2; }

 private:
  uint64_t find_room(size_t footprint);
  uint64_t room_between(uint64_t from, uint64_t to, size_t footprint) const;

  size_t total_, range_, used_ = 0;
  uint64_t begin_, next_;
  std::map<uint64_t, size_t> live_;  // address to bytes
};

}  // namespace emulated
