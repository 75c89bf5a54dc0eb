#include "target/select.h"

#include <algorithm>
#include <filesystem>

#include "base/checked.h"
#include "base/text.h"
#include "bytes/mapped_file.h"
#include "target/catalogue.h"
#include "target/cpu_levels.h"
#include "target/host.h"
#include "target/profile.h"
#include "target/sysroot.h"

namespace abiscope::target {

namespace {

constexpr Credentials nobody{65534, 65534};

std::unexpected<Error> usage(std::string what) { return fail(ErrorCode::bad_usage, std::move(what)); }

Result<Target> base_target(const Selection& selection, Architecture subject) {
    const std::string& name = selection.target;
    if (name.empty() && !selection.sysroot.empty()) return sysroot_target(selection.sysroot, subject);
    Result<Target> found = [&]() -> Result<Target> {
        if (name.empty() || name == "host") return host_target();
        std::error_code ignored;
        bool is_file = std::filesystem::is_regular_file(name, ignored);
        if (!is_file || names_catalogue_target(name)) return find_target(name, subject);
        ABISCOPE_TRY(SourcePtr bytes, open_file(name));
        ABISCOPE_TRY(Target target, open_profile(bytes));
        target.name = name;
        return target;
    }();
    if (!found || selection.sysroot.empty()) return found;
    return sysroot_target(selection.sysroot, *std::move(found));
}

Result<void> set_environment(Target& target, const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        std::size_t equals = word.find('=');
        std::string name = word.substr(0, equals);
        if (name.empty()) return usage("--env wants NAME=VALUE, not '" + word + "'");
        std::erase_if(target.environment, [&](const auto& variable) { return variable.first == name; });
        if (equals != std::string::npos) target.environment.emplace_back(name, word.substr(equals + 1));
    }
    return {};
}

Result<void> set_user(Target& target, const std::string& word) {
    if (word == "root") {
        target.user = {0, 0};
        return {};
    }
    if (word == "nobody") {
        target.user = nobody;
        return {};
    }
    std::size_t colon = word.find(':');
    auto uid = text::parse_unsigned(std::string_view(word).substr(0, colon));
    auto gid = colon == std::string::npos ? uid : text::parse_unsigned(std::string_view(word).substr(colon + 1));
    constexpr std::uint64_t most = 0xfffffffe;   // (uid_t)-1 means "no change" to the kernel
    if (!uid || !gid || *uid > most || *gid > most) return usage("--user wants root, nobody, UID or UID:GID, not '" + word + "'");
    target.user = {static_cast<std::uint32_t>(*uid), static_cast<std::uint32_t>(*gid)};
    return {};
}

Result<void> set_shell(Target& target, const std::string& word) {
    std::size_t dash = word.find('-');
    auto kind = parse_shell_kind(word.substr(0, dash));
    auto version = dash == std::string::npos ? std::optional(Version{}) : Version::parse(std::string_view(word).substr(dash + 1));
    if (!kind || !version) return usage("unknown shell '" + word + "'; it is bash-VERSION, dash, busybox, zsh or none");
    target.shell = {*kind, *version};
    return {};
}

Result<void> set_kernel(Target& target, const Selection& selection) {
    if (!selection.kernel.empty()) {
        auto version = Version::parse(selection.kernel);
        if (!version) return usage("--kernel wants a version such as 5.10, not '" + selection.kernel + "'");
        target.kernel.version = *version;
        std::erase_if(target.sources, [](const FactSource& fact) { return fact.fact == "kernel.version"; });
        target.sources.push_back({"kernel.version", "--kernel"});
    }
    if (selection.page_size) {
        constexpr std::uint64_t least = 4096, most = 1 << 20;
        if (!is_power_of_two(*selection.page_size) || *selection.page_size < least || *selection.page_size > most) {
            return usage("--page-size wants a power of two from 4096 to 1048576, not " + std::to_string(*selection.page_size));
        }
        target.kernel.page_size = *selection.page_size;
    }
    if (selection.no_binfmt) {
        target.kernel.binfmt.clear();
        target.kernel.binfmt_known = true;
    }
    for (const std::string& name : selection.binfmt) {
        auto handler = known_binfmt(name);
        if (!handler) return usage("unknown binfmt handler '" + name + "'; it is wine, or qemu-ARCHITECTURE");
        target.kernel.binfmt.push_back(*std::move(handler));
        target.kernel.binfmt_known = true;
    }
    return {};
}

struct QemuName {
    std::string_view name;
    Architecture architecture;
};
constexpr QemuName qemu_names[] = {
    {"qemu-x86_64", Architecture::amd64},  {"qemu-i386", Architecture::i386},           {"qemu-aarch64", Architecture::arm64},
    {"qemu-arm", Architecture::armhf},     {"qemu-riscv64", Architecture::riscv64},     {"qemu-ppc64le", Architecture::ppc64el},
    {"qemu-ppc64", Architecture::ppc64},   {"qemu-s390x", Architecture::s390x},         {"qemu-mips64el", Architecture::mips64el},
    {"qemu-mipsel", Architecture::mipsel}, {"qemu-loongarch64", Architecture::loong64},
};

}  // namespace

std::optional<BinfmtHandler> known_binfmt(std::string_view name) {
    BinfmtHandler handler;
    if (name == "wine") {
        handler.name = name;
        handler.interpreter = "/usr/bin/wine";
        handler.magic = "MZ";
        handler.open_at_registration = true;   // who names it says that it is there
        return handler;
    }
    const auto* at = std::ranges::find(qemu_names, name, &QemuName::name);
    if (at == std::end(qemu_names)) {
        auto architecture = parse_architecture(name);
        at = std::ranges::find(qemu_names, architecture.value_or(Architecture::unknown), &QemuName::architecture);
        if (at == std::end(qemu_names)) return std::nullopt;
    }
    // scripts/qemu-binfmt-conf.sh of qemu: class, data, version 1, any OS ABI, ET_EXEC or ET_DYN, the machine.
    ElfIdentity id = elf_identity(at->architecture);
    auto half = [&](std::uint16_t value) {
        char low = static_cast<char>(value & 0xff), high = static_cast<char>(value >> 8);
        return id.big_endian ? std::string{high, low} : std::string{low, high};
    };
    handler.name = at->name;
    handler.interpreter = "/usr/bin/" + std::string(at->name) + "-static";
    handler.magic = std::string(
                        "\x7f"
                        "ELF") +
        (id.wide ? '\2' : '\1') + (id.big_endian ? '\2' : '\1') + '\1' + std::string(9, '\0') + half(2) + half(id.machine);
    handler.mask = std::string(7, '\xff') + std::string(1, '\0') + std::string(8, '\xff') + half(0xfffe) + half(0xffff);
    handler.open_at_registration = true;
    return handler;
}

Result<Target> select_target(const Selection& selection, Architecture subject) {
    ABISCOPE_TRY(Target target, base_target(selection, subject));
    ABISCOPE_CHECK(set_environment(target, selection.environment));
    if (!selection.user.empty()) ABISCOPE_CHECK(set_user(target, selection.user));
    if (!selection.cpu.empty()) {
        ABISCOPE_TRY(target.cpu, parse_cpu(selection.cpu, target.cpu));
    }
    ABISCOPE_CHECK(set_kernel(target, selection));
    if (!selection.shell.empty()) ABISCOPE_CHECK(set_shell(target, selection.shell));
    if (!selection.working_directory.empty()) {
        if (selection.working_directory.front() != '/')
            return usage("--cwd wants an absolute path on the target, not '" + selection.working_directory + "'");
        target.working_directory = selection.working_directory;
    }
    return target;
}

}  // namespace abiscope::target
