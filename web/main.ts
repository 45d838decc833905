const data = document.getElementById('certificates')?.textContent ?? '[]';
const place = document.getElementById('certificate');
if (place !== null) place.textContent = `Certificates: ${data === '[]' ? 'none' : data}`;
