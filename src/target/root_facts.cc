#include "target/root_facts.h"

#include <utility>

#include "base/search.h"
#include "base/text.h"
#include "elf/image.h"
#include "target/libc_reader.h"
#include "target/loader_paths.h"
#include "target/strings.h"

namespace abiscope::target {

namespace {

SourcePtr open_bytes(const FileSystem& files, std::string_view path) {
    auto contents = files.open(path, Credentials{});
    if (!contents) return nullptr;
    const auto* source = std::get_if<SourcePtr>(&*contents);
    return source != nullptr ? *source : nullptr;
}

// os-release(5): NAME=value with shell quoting.
std::string unquote(std::string_view value) {
    value = text::trim(value);
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
        value = value.substr(1, value.size() - 2);
    std::string plain;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '\\' && i + 1 < value.size()) ++i;
        plain += value[i];
    }
    return plain;
}

std::optional<Version> version_after(View bytes, std::string_view banner) {
    std::string_view all = bytes.as_text();
    for (std::size_t at = text::find(all, banner); at != std::string_view::npos; at = text::find(all, banner, at + 1)) {
        if (auto version = Version::parse(all.substr(at + banner.size(), 20))) return version;
    }
    return std::nullopt;
}

std::optional<Version> version_after(const SourcePtr& bytes, std::string_view banner) {
    if (!bytes) return std::nullopt;
    auto version = version_after(texts_of(bytes), banner);
    return version ? version : version_after(bytes->view(), banner);
}

}  // namespace

std::string read_text(const FileSystem& files, std::string_view path) {
    constexpr std::uint64_t most = 1 << 20;
    SourcePtr bytes = open_bytes(files, path);
    return bytes ? std::string(bytes->view().clamped(0, most).as_text()) : std::string();
}

OsRelease read_os_release(const FileSystem& files) {
    std::string all = read_text(files, "/etc/os-release");
    if (all.empty()) all = read_text(files, "/usr/lib/os-release");
    OsRelease release;
    for (std::string_view line : text::split(all, "\n")) {
        std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        std::string_view key = text::trim(line.substr(0, equals));
        std::string value = unquote(line.substr(equals + 1));
        if (key == "ID") release.id = std::move(value);
        else if (key == "VERSION_ID") release.version = std::move(value);
        else if (key == "PRETTY_NAME") release.title = std::move(value);
    }
    return release;
}

Shell read_shell(const FileSystem& files) {
    if (SourcePtr bash = open_bytes(files, "/bin/bash")) {
        return {ShellKind::bash, version_after(bash, "Bash version ").value_or(Version{})};
    }
    auto real = files.real_path("/bin/sh");
    if (!real) return {ShellKind::none, {}};
    std::string_view name = std::string_view(*real).substr(real->rfind('/') + 1);
    SourcePtr bytes = open_bytes(files, *real);
    if (auto busybox = version_after(bytes, "BusyBox v")) return {ShellKind::busybox, *busybox};
    if (auto bash = version_after(bytes, "Bash version ")) return {ShellKind::bash, *bash};
    if (name.starts_with("zsh")) return {ShellKind::zsh, {}};
    return {ShellKind::dash, {}};
}

Architecture read_architecture(const FileSystem& files) {
    auto of = [&](std::string_view path) {
        SourcePtr bytes = open_bytes(files, path);
        if (!bytes) return Architecture::unknown;
        auto image = elf::Image::parse(bytes);
        if (!image) return Architecture::unknown;
        return architecture_of(image->header().machine, image->encoding().wide, image->encoding().order == Endian::big,
                               image->header().flags);
    };
    for (std::string_view path : {"/bin/sh", "/bin/bash", "/sbin/init"}) {
        if (Architecture found = of(path); found != Architecture::unknown) return found;
    }
    for (const LoaderPath& row : loader_paths()) {
        if (of(row.path) == row.architecture) return row.architecture;
    }
    return Architecture::unknown;
}

void apply_root_facts(Target& target) {
    const FileSystem& files = *target.files;
    OsRelease release = read_os_release(files);
    if (!release.title.empty()) {
        target.title = release.title;
        target.sources.push_back({"title", "/etc/os-release of the root"});
    }
    if (target.architecture == Architecture::unknown) target.architecture = read_architecture(files);
    std::vector<Libc> libcs = read_libcs(files, target.architecture, target.cpu);
    if (!libcs.empty() && libcs.front().architecture == target.architecture) {
        target.libc = std::move(libcs.front());
        libcs.erase(libcs.begin());
        target.sources.push_back({"libc", "read from " + target.libc.loader + " of the root"});
    } else {
        target.libc = Libc{.kind = LibcKind::none,
                           .version = {},
                           .build = {},
                           .loader = {},
                           .directories = {},
                           .lib_token = {},
                           .platform_token = {},
                           .cache = {},
                           .architecture = target.architecture};
        target.sources.push_back({"libc", "no loader of a known libc in the root"});
    }
    target.other_libcs = std::move(libcs);
    Shell shell = read_shell(files);
    target.shell = shell;
    target.sources.push_back(
        {"shell",
         shell.kind == ShellKind::none ? "no /bin/bash and no /bin/sh in the root" : "read from /bin/bash or /bin/sh of the root"});
}

}  // namespace abiscope::target
