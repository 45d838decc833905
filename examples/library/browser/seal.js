import { parseCertificate, SealedSecretsError, sealValue } from 'sealed-secrets';

const form = document.querySelector('form');
const output = document.querySelector('output');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const fields = new FormData(form);
  try {
    const certificate = await parseCertificate(fields.get('certificate'));
    output.textContent = await sealValue(fields.get('value'), {
      certificate,
      namespace: fields.get('namespace'),
      name: fields.get('name'),
    });
    form.elements.value.value = '';
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    output.textContent = error.message;
  }
});
