#include "loader/glibc_environment.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.h"

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
    // rtld.c, process_envvars() and process_dl_debug().
    if (target.variable("LD_TRACE_LOADED_OBJECTS"))
        out.emplace_back(
            "LD_TRACE_LOADED_OBJECTS is taken out of the environment: with it the loader lists the libraries and starts nothing");
    std::vector<std::string_view> debug = text::split(target.variable("LD_DEBUG").value_or(std::string_view()), " ,:");
    if (std::ranges::find(debug, "help") != debug.end())
        out.emplace_back(
            "LD_DEBUG is taken out of the environment, which asks for help: with it the loader prints its options and starts nothing");
    return out;
}

Version believed_kernel(const target::Target& target) {
    auto assumed = target.variable("LD_ASSUME_KERNEL");
    if (!assumed) return target.kernel.version;
    constexpr unsigned long too_large = 255;
    std::array<std::uint32_t, 3> parts{};
    std::string text(*assumed);
    const char* at = text.c_str();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        char* end = nullptr;
        unsigned long part = std::strtoul(at, &end, 0);
        if (part >= too_large || end == at || (i < 2 && *end != '\0' && *end != '.')) return target.kernel.version;
        parts[i] = static_cast<std::uint32_t>(part);
        if (*end == '\0') break;
        at = end + 1;
    }
    Version version{parts[0], parts[1], parts[2]};
    bool lower = version != Version{} && (target.kernel.version.empty() || version < target.kernel.version);
    return lower ? version : target.kernel.version;
}

bool is_loadable_name(std::string_view name, bool secure) {
    if (name.empty() || name.size() >= longest_name) return false;
    return !secure || (name.size() < longest_secure_name && name.find('/') == std::string_view::npos);
}

}  // namespace abiscope::loader
