#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <algorithm>

#ifdef SPARKGRAD_SANITIZED
#include <sanitizer/asan_interface.h>
#define POISON(address, bytes) __asan_poison_memory_region(pointer(address), bytes)
#define UNPOISON(address, bytes) __asan_unpoison_memory_region(pointer(address), bytes)
#else
#define POISON(address, bytes)
#define UNPOISON(address, bytes)
#endif

namespace emulated {
namespace {

constexpr size_t ALIGNMENT = 256;  // what cuMemAlloc promises, and no more
constexpr size_t GUARD = 256;

/*
 * Far from all else, with an odd upper half and a lower half that is negative as an int, so that no two numbers among a
 * kernel's parameters look like an address.
 */
constexpr uint64_t FIRST_ADDRESS = 0x5a5b'8000'0000, NEXT_DEVICE = 0x1'0000'0000;

char* pointer(uint64_t address) { return reinterpret_cast<char*>(address); }

size_t rounded_up(size_t bytes) { return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

/* From the guard before an allocation to the end of the guard behind it. */
size_t footprint_of(size_t bytes) { return GUARD + rounded_up(bytes) + GUARD; }

#ifndef SPARKGRAD_SANITIZED
bool untouched(const char* from, const char* to) {
  return std::all_of(from, to, [](char c) { return c == '\xff'; });
}
#endif

}  // namespace

/* Twice the addresses: so memory that is in pieces still serves, and a freed address is not the next one given. */
Memory::Memory(int device, size_t bytes) : total_(bytes), range_(2 * bytes) {
  void* wish = reinterpret_cast<void*>(FIRST_ADDRESS + NEXT_DEVICE * static_cast<uint64_t>(device));
  void* range = mmap(wish, range_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) {
    perror("emulated driver: no addresses for SPARKGRAD_EMULATED_MEMORY bytes of device memory");
    abort();
  }
  begin_ = next_ = reinterpret_cast<uint64_t>(range);
  POISON(begin_, range_);
}

uint64_t Memory::allocate(size_t bytes) {
  if (bytes > unused()) return 0;
  uint64_t room = find_room(footprint_of(bytes));
  if (!room) return 0;
  uint64_t address = room + GUARD;
  next_ = room + footprint_of(bytes);
  live_[address] = bytes;
  used_ += bytes;
  UNPOISON(room, footprint_of(bytes));
  memset(pointer(room), 0xff, footprint_of(bytes));
  POISON(room, footprint_of(bytes));
  UNPOISON(address, bytes);
  return address;
}

bool Memory::release(uint64_t address) {
  auto found = live_.find(address);
  if (found == live_.end()) return false;
  memset(pointer(address), 0xff, found->second);
  POISON(address, found->second);
  used_ -= found->second;
  live_.erase(found);
  return true;
}

void Memory::release_all() {
  while (!live_.empty()) release(live_.begin()->first);
}

/* The first room behind the last allocation, else the first of all. */
uint64_t Memory::find_room(size_t footprint) {
  uint64_t room = room_between(next_, begin_ + range_, footprint);
  return room ? room : room_between(begin_, begin_ + range_, footprint);
}

uint64_t Memory::room_between(uint64_t from, uint64_t to, size_t footprint) const {
  uint64_t at = from;
  for (auto live = live_.lower_bound(from); live != live_.end(); ++live) {
    if (at + footprint <= live->first - GUARD) return at;
    at = live->first + footprint_of(live->second) - GUARD;
  }
  return at + footprint <= to ? at : 0;
}

bool Memory::holds(uint64_t address, size_t bytes) const {
  auto after = live_.upper_bound(address);
  if (after == live_.begin()) return false;
  auto live = std::prev(after);
  return address - live->first <= live->second && bytes <= live->second - (address - live->first);
}

std::string Memory::damage() {
#ifndef SPARKGRAD_SANITIZED
  for (auto [address, bytes] : live_) {
    char* begin = pointer(address);
    char* guard_end = begin + rounded_up(bytes) + GUARD;
    bool before = !untouched(begin - GUARD, begin);
    if (!before && untouched(begin + bytes, guard_end)) continue;
    memset(begin - GUARD, 0xff, GUARD);
    memset(begin + bytes, 0xff, static_cast<size_t>(guard_end - begin) - bytes);
    return std::string("memory was written ") + (before ? "before" : "behind") + " an allocation of " +
           std::to_string(bytes) + " bytes";
  }
#endif
  return "";
}

}  // namespace emulated
