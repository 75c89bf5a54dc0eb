#include "cli/write_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace abiscope::cli {

Result<void> write_file(const std::string& path, const std::vector<std::byte>& bytes) {
    auto failed = [&] {
        return fail(
            Error{.code = ErrorCode::cannot_open, .what = "cannot be written", .file = path, .wanted = {}, .had = std::strerror(errno)});
    };
    int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) return failed();
    for (std::size_t done = 0; done < bytes.size();) {
        ssize_t step = ::write(descriptor, bytes.data() + done, bytes.size() - done);
        if (step < 0 && errno == EINTR) continue;
        if (step < 0) {
            auto error = failed();
            ::close(descriptor);
            return error;
        }
        done += static_cast<std::size_t>(step);
    }
    if (::close(descriptor) != 0) return failed();
    return {};
}

}  // namespace abiscope::cli
