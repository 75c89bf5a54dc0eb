#include "target/binfmt.h"

#include <array>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/text.h"
#include "bytes/mapped_file.h"

namespace abiscope::target {

namespace {

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int get() const { return number_; }
    [[nodiscard]] bool open() const { return number_ >= 0; }
    [[nodiscard]] int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

std::optional<std::string> from_hex(std::string_view digits) {
    if (digits.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        auto value = text::parse_unsigned("0x" + std::string(digits.substr(i, 2)));
        if (!value) return std::nullopt;
        bytes += static_cast<char>(*value);
    }
    return bytes;
}

std::string read_at(int folder, const char* name) {
    Descriptor file(::openat(folder, name, O_RDONLY | O_CLOEXEC));
    if (!file.open()) return {};
    auto bytes = read_descriptor(file.get(), name);
    return bytes ? std::string((*bytes)->view().as_text()) : std::string();
}

int private_mount() {
    Descriptor context(::fsopen("binfmt_misc", FSOPEN_CLOEXEC));
    if (!context.open() || ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return -1;
    return ::fsmount(context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

}  // namespace

std::optional<BinfmtHandler> parse_binfmt(std::string name, std::string_view text) {
    BinfmtHandler handler;
    handler.name = std::move(name);
    bool matched = false;
    std::string_view first = text.substr(0, text.find('\n'));
    if (first != "enabled" && first != "disabled") return std::nullopt;
    handler.enabled = first == "enabled";
    for (std::string_view line : text::split(text, "\n")) {
        auto value = [&](std::string_view key) -> std::optional<std::string_view> {
            if (!line.starts_with(key)) return std::nullopt;
            return line.substr(key.size());
        };
        if (auto interpreter = value("interpreter ")) handler.interpreter = *interpreter;
        else if (auto flags = value("flags: ")) handler.open_at_registration = flags->find('F') != std::string_view::npos;
        else if (auto offset = value("offset ")) handler.offset = text::parse_unsigned(*offset).value_or(0);
        else if (auto extension = value("extension .")) handler.extension = *extension, matched = true;
        else if (auto mask = value("mask ")) handler.mask = from_hex(*mask).value_or("");
        else if (auto magic = value("magic ")) {
            auto bytes = from_hex(*magic);
            if (!bytes) return std::nullopt;
            handler.magic = *std::move(bytes);
            matched = true;
        }
    }
    if (!matched || handler.interpreter.empty()) return std::nullopt;
    return handler;
}

BinfmtState read_binfmt() {
    BinfmtState state;
    auto registered = open_file("/proc/filesystems");
    if (registered && (*registered)->view().as_text().find("binfmt_misc") == std::string_view::npos) {
        state.known = true;   // the module is not there, so nothing can have been registered
        return state;
    }
    Descriptor folder(::open("/proc/sys/fs/binfmt_misc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    bool mounted = folder.open() && ::faccessat(folder.get(), "status", F_OK, 0) == 0;
    Descriptor private_folder(mounted ? -1 : private_mount());
    int number = mounted ? folder.get() : private_folder.get();
    if (number < 0) return state;
    Descriptor listing(::openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!listing.open()) return state;
    state.known = true;
    bool on = read_at(number, "status").starts_with("enabled");
    std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(listing.get()), &::closedir);
    if (!entries) return state;
    (void)listing.release();
    // The kernel lists its directory newest first, and that is the order in which it tries the handlers.
    while (const dirent* entry = ::readdir(entries.get())) {
        std::string name = entry->d_name;
        if (name == "." || name == ".." || name == "register" || name == "status") continue;
        if (auto handler = parse_binfmt(name, read_at(number, name.c_str()))) {
            handler->enabled = handler->enabled && on;
            state.handlers.push_back(*std::move(handler));
        }
    }
    return state;
}

}  // namespace abiscope::target
