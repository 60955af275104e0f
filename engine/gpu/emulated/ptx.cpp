#include "ptx.h"

#include <sstream>
#include <vector>

namespace emulated {
namespace {

/* The words from .entry NAME to the body: parameters, and directives behind them. Brackets and commas are words too. */
std::vector<std::string> header(const std::string& ptx, const std::string& name) {
  for (size_t at = ptx.find(".entry"); at != std::string::npos; at = ptx.find(".entry", at + 1)) {
    std::string spaced;
    for (char c : ptx.substr(at, ptx.find('{', at) - at)) {
      bool alone = strchr("()[],", c) != nullptr;
      spaced += alone ? std::string{' ', c, ' '} : std::string{c};
    }
    std::istringstream text(spaced);
    std::vector<std::string> words;
    for (std::string word; text >> word;) words.push_back(word);
    if (words.size() > 2 && words[1] == name && words[2] == "(") return words;
  }
  return {};
}

/* .param .align 8 .b8 name [ 24 ], or .param .u64 name */
size_t parameter_bytes(const std::vector<std::string>& words) {
  size_t bytes = 0;
  for (size_t i = 0; i + 2 < words.size(); i++) {
    if (words[i] != ".param") continue;
    size_t type = words[i + 1] == ".align" ? i + 3 : i + 1;
    size_t one = std::stoul(words.at(type).substr(2)) / 8;
    bool array = type + 3 < words.size() && words[type + 2] == "[";
    bytes += one * (array ? std::stoul(words[type + 3]) : 1);
  }
  return bytes;
}

/* .maxntid 256 , 1 , 1: the product; 0 when the PTX does not say. */
unsigned long largest_block(const std::vector<std::string>& words) {
  for (size_t i = 0; i + 1 < words.size(); i++) {
    if (words[i] != ".maxntid") continue;
    unsigned long threads = std::stoul(words[i + 1]);
    for (i += 2; i + 1 < words.size() && words[i] == ","; i += 2) threads *= std::stoul(words[i + 1]);
    return threads;
  }
  return 0;
}

std::string difference_in(const std::string& what, unsigned long ptx, unsigned long source) {
  return what + " " + std::to_string(ptx) + " in the PTX and " + std::to_string(source) +
         " in its source: regenerate the PTX";
}

}  // namespace

bool is_ptx(const std::string& text) {
  return text.find(".version") != std::string::npos && text.find(".target") != std::string::npos;
}

bool has_entry(const std::string& ptx, const std::string& name) { return !header(ptx, name).empty(); }

std::string difference(const std::string& ptx, const Kernel& kernel) {
  std::vector<std::string> words = header(ptx, kernel.name);
  size_t bytes = parameter_bytes(words);
  unsigned long block = largest_block(words);
  std::string name = kernel.name;
  if (bytes != kernel.parameter_bytes) return difference_in(name + ", bytes of the parameter:", bytes, kernel.parameter_bytes);
  if (block && block != kernel.largest_block) return difference_in(name + ", largest block:", block, kernel.largest_block);
  return "";
}

}  // namespace emulated
