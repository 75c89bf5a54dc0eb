#include <dlfcn.h>

#include "bytes/shared_library.h"

namespace abiscope {

Result<SharedLibrary> SharedLibrary::open(const std::string& name) {
    void* handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle != nullptr) return SharedLibrary(handle);
    const char* why = ::dlerror();
    return fail(
        Error{.code = ErrorCode::unsupported, .what = "cannot be loaded", .file = name, .wanted = {}, .had = why == nullptr ? "" : why});
}

void* SharedLibrary::find(const char* symbol) const { return ::dlsym(handle_, symbol); }

}  // namespace abiscope
