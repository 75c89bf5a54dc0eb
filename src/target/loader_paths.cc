#include "target/loader_paths.h"

#include <algorithm>

namespace abiscope::target {

namespace {

using enum Architecture;
constexpr LibcKind glibc = LibcKind::glibc, musl = LibcKind::musl;

constexpr LoaderPath rows[] = {
    {amd64, glibc, "/lib64/ld-linux-x86-64.so.2"},
    {amd64, musl, "/lib/ld-musl-x86_64.so.1"},
    {i386, glibc, "/lib/ld-linux.so.2"},
    {i386, musl, "/lib/ld-musl-i386.so.1"},
    {arm64, glibc, "/lib/ld-linux-aarch64.so.1"},
    {arm64, musl, "/lib/ld-musl-aarch64.so.1"},
    {armhf, glibc, "/lib/ld-linux-armhf.so.3"},
    {armhf, musl, "/lib/ld-musl-armhf.so.1"},
    {armel, glibc, "/lib/ld-linux.so.3"},
    {armel, musl, "/lib/ld-musl-arm.so.1"},
    {riscv64, glibc, "/lib/ld-linux-riscv64-lp64d.so.1"},
    {riscv64, musl, "/lib/ld-musl-riscv64.so.1"},
    {ppc64el, glibc, "/lib64/ld64.so.2"},
    {ppc64el, musl, "/lib/ld-musl-powerpc64le.so.1"},
    {ppc64, glibc, "/lib64/ld64.so.1"},
    {ppc64, musl, "/lib/ld-musl-powerpc64.so.1"},
    {s390x, glibc, "/lib/ld64.so.1"},
    {s390x, musl, "/lib/ld-musl-s390x.so.1"},
    {mips64el, glibc, "/lib64/ld.so.1"},
    {mips64el, glibc, "/lib64/ld-linux-mipsn8.so.1"},
    {mips64el, musl, "/lib/ld-musl-mips64el.so.1"},
    {mipsel, glibc, "/lib/ld.so.1"},
    {mipsel, glibc, "/lib/ld-linux-mipsn8.so.1"},
    {mipsel, musl, "/lib/ld-musl-mipsel.so.1"},
    {loong64, glibc, "/lib64/ld-linux-loongarch-lp64d.so.1"},
    {loong64, musl, "/lib/ld-musl-loongarch64.so.1"},
    {x32, glibc, "/libx32/ld-linux-x32.so.2"},
    {x32, musl, "/lib/ld-musl-x32.so.1"},
};

struct Platform {
    Architecture architecture;
    std::string_view name;
};
constexpr Platform platforms[] = {
    {amd64, "x86_64"}, {x32, "x86_64"}, {i386, "i686"}, {arm64, "aarch64"}, {armhf, "v7l"}, {armel, "v7l"},
};

}  // namespace

std::span<const LoaderPath> loader_paths() { return rows; }

std::string_view loader_path(Architecture architecture, LibcKind kind) {
    for (const LoaderPath& row : rows) {
        if (row.architecture == architecture && row.kind == kind) return row.path;
    }
    return {};
}

const LoaderPath* find_loader_path(std::string_view path) {
    const auto* at = std::ranges::find(rows, path, &LoaderPath::path);
    return at == std::end(rows) ? nullptr : at;
}

std::string_view kernel_platform(Architecture architecture) {
    const auto* at = std::ranges::find(platforms, architecture, &Platform::architecture);
    return at == std::end(platforms) ? std::string_view() : at->name;
}

}  // namespace abiscope::target
