#include "report/target_text.h"

#include <fmt/format.h>

#include "base/text.h"
#include "target/described_libraries.h"

namespace abiscope::report {

namespace {

std::string libc_text(const target::Libc& libc) {
    std::string out = fmt::format("{}{}", to_string(libc.kind), libc.version.empty() ? std::string() : " " + libc.version.to_string());
    if (!libc.build.empty()) out += fmt::format(" ({})", text::printable(libc.build));
    if (!libc.loader.empty()) out += fmt::format(", loader {}", text::printable(libc.loader));
    return out;
}

// "GLIBC_2.2.5 … GLIBC_2.36 (38)": the first and the last of each series of nodes.
std::string nodes_text(const std::vector<std::string>& nodes) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; start < nodes.size();) {
        std::string_view series = std::string_view(nodes[start]).substr(0, nodes[start].find('_'));
        std::size_t end = start + 1;
        while (end < nodes.size() && std::string_view(nodes[end]).substr(0, nodes[end].find('_')) == series) ++end;
        parts.push_back(end - start == 1 ? nodes[start] : fmt::format("{} to {} ({} nodes)", nodes[start], nodes[end - 1], end - start));
        start = end;
    }
    return parts.empty() ? "no versions" : text::join(parts, ", ");
}

}  // namespace

std::string target_text(const target::Target& target, const Style& style) {
    std::string out = fmt::format("{}: {}\n", style.paint(Tone::strong, target.name), target.title);
    auto row = [&](std::string_view label, const std::string& value) {
        if (!value.empty())
            out += fmt::format("  {} {}\n", style.paint(Tone::faint, padded(label, 20)),
                               wrapped(value, static_cast<std::size_t>(style.width) - 25, 23));
    };
    row("system",
        fmt::format("{}{}", to_string(target.os), target.os_version.empty() ? std::string() : " " + target.os_version.to_string()));
    row("architecture", std::string(to_string(target.architecture)));
    row("kernel",
        target.kernel.version.empty() ? std::string("not known (a container runs on its host's)") : target.kernel.version.to_string());
    row("page size",
        fmt::format("{} bytes, lowest address for ordinary users {:#x}", target.kernel.page_size, target.kernel.mmap_min_addr));
    std::string handlers;
    for (const target::BinfmtHandler& handler : target.kernel.binfmt)
        handlers += fmt::format("{}{} ({}{})", handlers.empty() ? "" : ", ", text::printable(handler.name),
                                text::printable(handler.interpreter), handler.enabled ? "" : ", disabled");
    row("binfmt", target.kernel.binfmt_known ? (handlers.empty() ? "no handlers" : handlers) : "not known");
    row("CPU", fmt::format("{}{}", target.cpu.name, target.cpu.exact ? "" : " (the least it can have)"));
    row("CPU features", text::join(target.cpu.features, " "));
    row("libc", libc_text(target.libc));
    row("directories", text::join(target.libc.directories, " "));
    row("$LIB", target.libc.lib_token);
    row("cache", target.libc.cache);
    for (const target::Libc& other : target.other_libcs) row("also", libc_text(other));
    row("shell", fmt::format("{} {}", to_string(target.shell.kind), target.shell.version.to_string()));
    if (!target.commands.empty()) row("commands", text::join(target.commands, ", "));
    row("user", fmt::format("uid {}, gid {}", target.user.uid, target.user.gid));
    if (target.files && !target.files->complete()) row("files", "only those of a base system are known");
    for (const auto& library : target::described_libraries(target)) row(library->soname, nodes_text(library->versions));
    for (const target::FactSource& source : target.sources) row(source.fact, "source: " + source.source);
    return out;
}

}  // namespace abiscope::report
