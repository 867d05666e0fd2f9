#pragma once
// Writing one object so that a success means that the server has every byte: in one request up to
// 8 MiB, above that in parts of 8 MiB, one after the other. Holds a copy of one part at a time.
//
// The server checks each body against its SHA-256 and MD5, and this checks the ETag that comes
// back: the MD5 of the bytes, unless the server encrypts or names differently; then it asks for the
// object's size instead. The object carries its whole SHA-256 as metadata (x-amz-meta-sha256).
#include <string>
#include <string_view>

#include "runtime/error.hpp"
#include "runtime/store/blobs/s3_session.hpp"

namespace graphrag::runtime::s3 {

// After an error an upload in parts is ended and an object known to be wrong removed, if the server
// can still be reached. What is left otherwise, a sweep removes. Errors: those of Session,
// `corrupt` when the server has other bytes.
Status put_object(const Session& session, const std::string& name, std::string_view bytes);

Status remove_object(const Session& session, const std::string& name); // absent is success
Status abort_upload(const Session& session, const std::string& name, const std::string& id);

} // namespace graphrag::runtime::s3
