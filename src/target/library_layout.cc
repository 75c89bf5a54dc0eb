#include "target/library_layout.h"

#include <algorithm>
#include <iterator>

namespace abiscope::target {

namespace {

// The multiarch triplets of dpkg-architecture(1).
struct Triplet {
    Architecture architecture;
    std::string_view name;
};
constexpr Triplet triplets[] = {
    {Architecture::amd64, "x86_64-linux-gnu"},           {Architecture::i386, "i386-linux-gnu"},
    {Architecture::arm64, "aarch64-linux-gnu"},          {Architecture::armhf, "arm-linux-gnueabihf"},
    {Architecture::armel, "arm-linux-gnueabi"},          {Architecture::riscv64, "riscv64-linux-gnu"},
    {Architecture::ppc64el, "powerpc64le-linux-gnu"},    {Architecture::s390x, "s390x-linux-gnu"},
    {Architecture::mips64el, "mips64el-linux-gnuabi64"}, {Architecture::mipsel, "mipsel-linux-gnu"},
    {Architecture::loong64, "loongarch64-linux-gnu"},    {Architecture::x32, "x86_64-linux-gnux32"},
};

}  // namespace

std::optional<LibraryLayout> library_layout(std::string_view name, Architecture architecture) {
    if (name == "multiarch" || name == "multiarch-flat") {
        const auto* triplet = std::ranges::find(triplets, architecture, &Triplet::architecture);
        if (triplet == std::end(triplets)) return std::nullopt;
        std::string token = "lib/" + std::string(triplet->name);
        LibraryLayout layout{{"/" + token, "/usr/" + token, "/lib", "/usr/lib"}, token, "/" + token, "/usr/" + token};
        if (name == "multiarch-flat") layout.essential = layout.usual = "/lib";
        return layout;
    }
    if (name == "lib64") {
        std::string token = elf_identity(architecture).wide ? "lib64" : "lib";
        return LibraryLayout{{"/" + token, "/usr/" + token}, token, "/" + token, "/usr/" + token};
    }
    if (name == "usrlib") return LibraryLayout{{"/usr/lib"}, "lib", "/usr/lib", "/usr/lib"};
    if (name == "musl") return LibraryLayout{{"/lib", "/usr/local/lib", "/usr/lib"}, {}, "/lib", "/usr/lib"};
    return std::nullopt;
}

}  // namespace abiscope::target
