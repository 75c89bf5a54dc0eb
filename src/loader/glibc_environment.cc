#include "loader/glibc_environment.h"

namespace abiscope::loader {

namespace {

constexpr std::size_t longest_name = 4096;          // SECURE_PATH_LIMIT
constexpr std::size_t longest_secure_name = 255;    // SECURE_NAME_LIMIT

}  // namespace

std::vector<std::string> unfollowed_environment(const target::Target& target) {
    std::vector<std::string> out;
    // cpu-features.c: "-AVX2" takes the feature away, and with it levels of glibc-hwcaps.
    if (auto tunables = target.variable("GLIBC_TUNABLES"); tunables && tunables->contains("glibc.cpu.hwcaps"))
        out.emplace_back("GLIBC_TUNABLES (glibc.cpu.hwcaps) changes nothing: what it hides of the processor is not followed");
    // dl-lookup.c, _dl_dynamic_weak: with it a weak definition is taken only where no strong one follows.
    if (target.variable("LD_DYNAMIC_WEAK")) out.emplace_back("LD_DYNAMIC_WEAK changes nothing: a weak definition is taken like any other");
    return out;
}

bool is_loadable_name(std::string_view name, bool secure) {
    if (name.empty() || name.size() >= longest_name) return false;
    return !secure || (name.size() < longest_secure_name && name.find('/') == std::string_view::npos);
}

}  // namespace abiscope::loader
