#include "source/program_switches.h"

#include <algorithm>
#include <iterator>

#include "abi/call.h"
#include "base/text.h"

namespace abiscope::source {

namespace {

// GCC 12 manual, 3.19.59 x86 Options: processors with AVX, those with AVX-512 apart; and switches that turn AVX on with what they name.
constexpr std::string_view avx_processors[] = {"x86-64-v3", "sandybridge", "corei7-avx", "ivybridge", "core-avx-i", "haswell",
                                               "core-avx2", "broadwell",   "skylake",    "alderlake", "bdver1",     "bdver2",
                                               "bdver3",    "bdver4",      "btver2",     "znver1",    "znver2",     "znver3"};
constexpr std::string_view avx512_processors[] = {
    "x86-64-v4",   "knl",        "knm",       "skylake-avx512", "cannonlake",     "icelake-client", "icelake-server",
    "cascadelake", "cooperlake", "tigerlake", "rocketlake",     "sapphirerapids", "znver4",         "znver5"};
constexpr std::string_view avx_switches[] = {"-mavx",  "-mavx2", "-mavxvnni", "-mfma",       "-mfma4",
                                             "-mf16c", "-mxop",  "-mvaes",    "-mvpclmulqdq"};

template <std::size_t Count>
bool among(const std::string_view (&list)[Count], std::string_view word) {
    return std::ranges::find(list, word) != std::end(list);
}

}  // namespace

std::vector<std::string> call_switches(std::string_view producer) {
    constexpr std::string_view march = "-march=";
    bool avx = false, avx512 = false, no_red_zone = false;
    std::vector<std::string_view> words = text::split(producer, " ");
    // What a switch names holds whatever processor is named before or behind it.
    for (std::string_view word : words) {
        if (!word.starts_with(march)) continue;
        avx512 = among(avx512_processors, word.substr(march.size()));
        avx = avx512 || among(avx_processors, word.substr(march.size()));
    }
    for (std::string_view word : words) {
        if (word.starts_with("-mavx512")) avx = avx512 = true;
        if (among(avx_switches, word)) avx = true;
        if (word == "-mno-avx512f") avx512 = false;
        if (word == "-mno-red-zone" || word == "-mred-zone") no_red_zone = word == "-mno-red-zone";
        if (word == "-mno-avx") avx = avx512 = false;
    }
    std::vector<std::string> switches;
    for (std::string_view word : words) {
        if (word.starts_with(abi::stack_boundary)) switches.emplace_back(word);
    }
    if (avx512) switches.emplace_back("-mavx512f");
    else if (avx) switches.emplace_back("-mavx");
    if (no_red_zone) switches.emplace_back("-mno-red-zone");
    return switches;
}

}  // namespace abiscope::source
