#include "target/libc_reader.h"

#include <algorithm>
#include <array>

#include "base/search.h"
#include "base/text.h"
#include "elf/image.h"
#include "target/loader_paths.h"
#include "target/strings.h"

namespace abiscope::target {

namespace {

constexpr Credentials root{};

SourcePtr bytes_of(const FileSystem& files, std::string_view path) {
    auto contents = files.open(path, root);
    if (!contents) return nullptr;
    const auto* source = std::get_if<SourcePtr>(&*contents);
    return source != nullptr ? *source : nullptr;
}

std::optional<LibcKind> kind_of(std::string_view text) {
    if (text::contains(text, "musl libc")) return LibcKind::musl;
    if (text::contains(text, "glibc-ld.so.cache") || text::contains(text, "GLIBC_PRIVATE")) return LibcKind::glibc;
    return std::nullopt;
}

bool has_string(View bytes, std::string_view wanted) {
    return for_each_string(bytes, wanted, [&](std::string_view text) { return text == wanted; });
}

// system_dirs of elf/dl-load.c: texts like "/lib64/" one after another, each with its NUL.
std::vector<std::string> system_directories(View bytes) {
    std::vector<std::string> longest, run;
    const char* expected = nullptr;
    for_each_string(bytes, "/", [&](std::string_view text) {
        if (text.data() != expected) run.clear();
        expected = nullptr;
        if (text.size() > 2 && text.front() == '/') {
            run.emplace_back(text.substr(0, text.size() - 1));
            expected = text.data() + text.size() + 1;
            if (run.size() > longest.size()) longest = run;
        }
        return false;
    });
    return longest;
}

// init_cpu_features of sysdeps/x86/cpu-features.c: on Intel processors AT_PLATFORM is replaced.
std::string platform_of(View loader, Architecture architecture, const Cpu& cpu) {
    auto has = [&](std::string_view feature) { return std::ranges::find(cpu.features, feature) != cpu.features.end(); };
    auto all = [&](std::initializer_list<std::string_view> wanted) { return std::ranges::all_of(wanted, has); };
    if (architecture == Architecture::amd64 && cpu.vendor == "GenuineIntel") {
        if (all({"avx512cd", "avx512er", "avx512pf"}) && has_string(loader, "xeon_phi")) return "xeon_phi";
        if (all({"avx2", "bmi1", "bmi2", "abm", "movbe", "popcnt"}) && has_string(loader, "haswell")) return "haswell";
    }
    return std::string(kernel_platform(architecture));
}

// "(Debian GLIBC 2.36-9) stable release version 2.36": in ld.so since 2.33, in libc.so.6 always. Development snapshots say so.
bool read_banner(View bytes, Libc& libc) {
    for (std::string_view start : {"ld.so (", "GNU C Library ("}) {
        for (std::string_view middle : {") stable release version ", ") development release version "}) {
            auto build = text_between(bytes, start, middle);
            if (!build) continue;
            std::string_view all = bytes.as_text();
            auto number = Version::parse(all.substr(text::find(all, middle) + middle.size(), 20));
            if (!number) continue;
            libc.build = *build;
            libc.version = *number;
            return true;
        }
    }
    // Before 2.26: "GNU C Library stable release version 2.5, by Roland McGrath et al."
    std::string_view all = bytes.as_text();
    constexpr std::string_view plain = "GNU C Library stable release version ";
    std::size_t at = text::find(all, plain);
    if (at == std::string_view::npos) return false;
    auto number = Version::parse(all.substr(at + plain.size(), 20));
    if (!number) return false;
    libc.version = *number;
    return true;
}

std::string lib_token_of(const std::vector<std::string>& directories) {
    if (directories.empty()) return {};
    std::string_view first = directories.front();
    for (std::string_view prefix : {"/usr/", "/"}) {
        if (first.starts_with(prefix) && first.substr(prefix.size()).starts_with("lib")) return std::string(first.substr(prefix.size()));
    }
    return std::string(first.substr(first.rfind('/') + 1));
}

void read_glibc(const FileSystem& files, View loader, Libc& libc, const Cpu& cpu) {
    libc.directories = system_directories(loader);
    libc.lib_token = lib_token_of(libc.directories);
    libc.platform_token = platform_of(loader, libc.architecture, cpu);
    for_each_string(loader, "/ld.so.cache", [&](std::string_view text) {
        if (!text.starts_with('/')) return false;
        libc.cache = text;
        return true;
    });
    if (read_banner(loader, libc)) return;
    for (const std::string& folder : libc.directories) {
        SourcePtr library = bytes_of(files, folder + "/libc.so.6");
        if (library && read_banner(texts_of(library), libc)) return;
    }
}

// "1.2.3" stands alone in musl's ldso (ldso/dynlink.c prints it after "Version ").
void read_musl(View loader, Libc& libc) {
    for_each_string(loader, [&](std::string_view text) {
        auto version =
            text.size() <= 12 && text.find_first_not_of("0123456789.") == std::string_view::npos ? Version::parse(text) : std::nullopt;
        if (!version || std::ranges::count(text, '.') != 2 || text.back() == '.') return false;
        libc.version = *version;
        return true;
    });
    libc.directories = {"/lib", "/usr/local/lib", "/usr/lib"};
    for_each_string(loader, "lib", [&](std::string_view text) {
        if (!text.starts_with('/') || text.find(":/") == std::string_view::npos) return false;
        libc.directories.clear();
        for (std::string_view part : text::split(text, ":")) libc.directories.emplace_back(part);
        return true;
    });
}

}  // namespace

std::optional<Libc> read_libc(const FileSystem& files, std::string_view loader, Architecture architecture, const Cpu& cpu) {
    SourcePtr bytes = bytes_of(files, loader);
    if (!bytes ||
        !bytes->view().starts_with("\x7f"
                                   "ELF"))
        return std::nullopt;
    Libc libc;
    libc.loader = loader;
    libc.architecture = architecture;
    View texts = texts_of(bytes);
    auto kind = kind_of(texts.as_text());
    if (!kind) kind = kind_of(bytes->view().as_text());
    if (!kind) return std::nullopt;
    libc.kind = *kind;
    if (libc.kind == LibcKind::musl) read_musl(texts, libc);
    else read_glibc(files, texts, libc, cpu);
    return libc;
}

std::vector<Libc> read_libcs(const FileSystem& files, Architecture architecture, const Cpu& cpu) {
    std::vector<Libc> found;
    for (const LoaderPath& row : loader_paths()) {
        if (auto libc = read_libc(files, row.path, row.architecture, cpu)) found.push_back(*std::move(libc));
    }
    std::string of_the_system;
    if (SourcePtr shell = bytes_of(files, "/bin/sh")) {
        if (auto image = elf::Image::parse(shell)) of_the_system = image->interpreter().value_or(std::string_view());
    }
    auto rank = [&](const Libc& libc) { return (libc.architecture == architecture ? 0 : 2) + (libc.loader == of_the_system ? 0 : 1); };
    std::ranges::stable_sort(found, {}, rank);
    return found;
}

}  // namespace abiscope::target
